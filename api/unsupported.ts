import type { Manifest } from './manifest/manifest.ts';
import { formatPath, type Path } from './manifest/path.ts';
import type { Problem, Warning } from './manifest/problem.ts';

/** Where a manifest is to run, and what `--bind` gives it there: `pvc/NAME`, `configmap/NAME`, `secret/NAME`. */
export interface RunContext {
  readonly cluster: boolean;
  readonly binds: { has(source: string): boolean };
}

interface Entry {
  /** As in `spec.links[*].profile.uplink.loss`. */
  readonly path: string;
  /** Whether the value that stands there is one of those meant; absent: every value is. */
  readonly when?: (value: unknown, context: RunContext) => boolean;
  readonly reason: string;
  readonly remedy: string;
}

const is =
  (...values: readonly unknown[]) =>
  (value: unknown) =>
    values.includes(value);
const locally = (_: unknown, { cluster }: RunContext) => !cluster;
const inCluster = (_: unknown, { cluster }: RunContext) => cluster;
const unbound =
  (kind: string, member: string) =>
  (value: unknown, { cluster, binds }: RunContext) =>
    !cluster && !binds.has(`${kind}/${memberOf(value, member)}`);

const later = 'is not built yet';
const notLocal = 'has no meaning outside a cluster';
const unboundSecret = {
  reason: 'is a Secret that this machine does not know',
  remedy: 'say where its headers are, a file for each, named as the header: --bind secret/NAME=DIR',
};
const leaveOut = 'leave the field out';

/** What this stage of the project has not built: refused, never accepted and ignored. */
const unsupported: readonly Entry[] = [
  {
    path: 'spec.model.image',
    when: locally,
    reason: 'is an image, which a local run does not pull',
    remedy: 'copy the model out of the image and use file, or use http',
  },
  {
    path: 'spec.model.http.headersSecretRef',
    when: unbound('secret', 'name'),
    ...unboundSecret,
  },
  ...['spec.model', 'spec.input'].flatMap((source) => [
    {
      path: `${source}.persistentVolumeClaim`,
      when: unbound('pvc', 'claimName'),
      reason: 'is a claim that this machine does not know',
      remedy: 'say where its files are: --bind pvc/NAME=DIR',
    },
    {
      path: `${source}.file`,
      when: inCluster,
      reason: 'is a file of this machine, which no worker in a cluster sees',
      remedy: 'use http or persistentVolumeClaim',
    },
  ]),
  {
    path: 'spec.links[*].type',
    when: is('Preset', 'Trace'),
    reason: later,
    remedy: 'write type: Profile with a rate and a delay, or type: None',
  },
  {
    path: 'spec.links[*].profile.transport',
    when: is('Tcp'),
    reason: `(the default) ${later}`,
    remedy: 'write transport: Fluid, which models rate and delay alone',
  },
  {
    path: 'spec.links[*].profile',
    when: (value) => typeof value === 'object' && value !== null && !('transport' in value),
    reason: `has no transport, and the default Tcp ${later}`,
    remedy: 'write transport: Fluid, which models rate and delay alone',
  },
  ...['uplink', 'downlink'].flatMap((direction) =>
    ['jitter', 'jitterCorrelation', 'loss'].map((member) => ({
      path: `spec.links[*].profile.${direction}.${member}`,
      reason: later,
      remedy: leaveOut,
    })),
  ),
  {
    path: 'spec.measurement.mode',
    when: is('Server', 'Periodic', 'Offline'),
    reason: later,
    remedy: 'write mode: SingleStream',
  },
  { path: 'spec.measurement.duration', reason: later, remedy: 'write repetitions' },
  { path: 'spec.measurement.until', reason: later, remedy: 'write repetitions and blocks' },
  {
    path: 'spec.lanes',
    when: (value, { cluster }) => !cluster && value !== 1,
    reason: 'is more than a local run has: lanes on one machine disturb each other',
    remedy: 'write lanes: 1',
  },
  {
    path: 'spec.suspend',
    when: (value, { cluster }) => !cluster && value === true,
    reason: `${notLocal}: nothing would run`,
    remedy: 'write suspend: false; a local run stops with Ctrl-C and goes on with --resume',
  },
  {
    path: 'spec.activeDeadlineSeconds',
    when: locally,
    reason: 'is not kept by a local run',
    remedy: 'leave the field out; measurement.timeLimit limits each visit',
  },
  {
    path: 'spec.telemetry.headersSecretRef',
    when: unbound('secret', 'name'),
    ...unboundSecret,
  },
  {
    path: 'spec.telemetry.caConfigMapRef',
    when: unbound('configmap', 'name'),
    reason: 'is a ConfigMap that this machine does not know',
    remedy: 'say where its keys are, a file for each: --bind configmap/NAME=DIR',
  },
];

/** What has no effect on what a local run measures: said, and gone on without. */
const ineffective: readonly Entry[] = [
  { path: 'spec.cache', when: locally, reason: notLocal, remedy: 'the cache is the folder $SPLITLAB_CACHE' },
  {
    path: 'spec.results.deletionPolicy',
    when: (value, { cluster }) => !cluster && value === 'Retain',
    reason: notLocal,
    remedy: 'results are files, kept until you delete them',
  },
  {
    path: 'spec.ttlSecondsAfterFinished',
    when: locally,
    reason: notLocal,
    remedy: 'results are files, kept until you delete them',
  },
  ...['local', 'remote'].flatMap((side) => [
    {
      path: `spec.${side}.resources`,
      when: locally,
      reason: notLocal,
      remedy: `the worker is a process of this machine; threads limits what it computes with`,
    },
    {
      path: `spec.${side}.template`,
      when: locally,
      reason: notLocal,
      remedy: 'the worker is a process of this machine, without a pod',
    },
  ]),
];

/**
 * Every part of a manifest that cannot be done in this context; such a manifest is refused as a whole. It may be one as
 * written, without its defaults and with other mistakes in it.
 */
export function findUnsupported(manifest: unknown, context: RunContext): Problem[] {
  return find(unsupported, manifest, context);
}

/** Every part of a manifest that is harmless and has no effect in this context; the run says so and goes on. */
export function findIneffective(manifest: Manifest, context: RunContext): Warning[] {
  return find(ineffective, manifest, context);
}

function find(table: readonly Entry[], manifest: unknown, context: RunContext): Problem[] {
  return table.flatMap(({ path, when, reason, remedy }) =>
    matches(manifest, path.split(/\.|(?=\[\*])/), [])
      .filter(({ value }) => when?.(value, context) ?? true)
      .map((match) => ({ path: formatPath(match.path), value: match.value, message: reason, remedy })),
  );
}

interface Match {
  readonly path: Path;
  readonly value: unknown;
}

function matches(value: unknown, [step, ...rest]: readonly string[], path: Path): Match[] {
  if (value === undefined) return [];
  if (step === undefined) return [{ path, value }];
  if (step === '[*]') {
    return Array.isArray(value) ? value.flatMap((item: unknown, index) => matches(item, rest, [...path, index])) : [];
  }
  const member = Object.entries(Object(value)).find(([name]) => name === step);
  return matches(member?.[1], rest, [...path, step]);
}

function memberOf(value: unknown, name: string): string {
  const member = Object.entries(Object(value)).find(([key]) => key === name);
  return String(member?.[1] ?? '');
}
