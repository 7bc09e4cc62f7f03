import { stringify } from 'yaml';

/** A Fluid link so small in delay that runs stay short, and so wide in rate that probes take no time. */
export const fastLink = fluidLink('fast', '200M', '1ms');

export function fluidLink(name: string, bandwidth: string, delay: string) {
  const direction = { bandwidth, delay };
  return { name, type: 'Profile', profile: { transport: 'Fluid', uplink: direction, downlink: direction } };
}

/** The spec of an experiment that takes seconds; a busy machine may disturb its link without a visit being rejected. */
export const smallSpec = {
  model: { zoo: 'DigitsCnn' },
  input: { random: { seed: 1 } },
  cuts: { selection: 'Named', layers: ['conv1', 'conv3'] },
  baselines: ['LocalOnly', 'RemoteTensor'],
  codecs: [{ type: 'Float32' }],
  links: [fastLink],
  measurement: { warmup: 1, repetitions: 3, blocks: 2 },
  tolerance: { bandwidthPercent: '90', delay: '50ms' },
};

/** A manifest as YAML: `smallSpec` with these members of the spec replaced; `undefined` takes one away. */
export function manifestText(changes: Readonly<Record<string, unknown>> = {}, name = 'small'): string {
  return stringify({
    apiVersion: 'splitlab.dev/v1alpha1',
    kind: 'SplitExperiment',
    metadata: { name },
    spec: { ...smallSpec, ...changes },
  });
}
