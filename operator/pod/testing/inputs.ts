import assert from 'node:assert/strict';
import { type Manifest, manifestSchema } from '../../../api/manifest/manifest.ts';
import type { PodInput } from '../input.ts';

/** A manifest with its defaults around what a test is about. */
export function manifestOf(spec: object): Manifest {
  return manifestSchema.parse({
    apiVersion: 'splitlab.dev/v1alpha1',
    kind: 'SplitExperiment',
    metadata: { name: 'digits' },
    spec: { model: { zoo: 'DigitsCnn' }, ...spec },
  });
}

/** What the pods of a test are made of; the local one of lane 0 unless said otherwise. */
export function podInput(spec: object = {}, changes: Partial<PodInput> = {}): PodInput {
  return {
    manifest: manifestOf(spec),
    owner: { name: 'digits', namespace: 'lab', uid: '5f0c7a52-6c4d-4a8e-9d3b-0d8a7e1f2b3c' },
    scope: { cluster: 'c1', namespace: 'lab', uid: '5f0c7a52-6c4d-4a8e-9d3b-0d8a7e1f2b3c' },
    images: { cpu: 'splitlab/worker-cpu:1', cuda: 'splitlab/worker-cuda:1', pullPolicy: 'IfNotPresent' },
    natsUrl: 'nats://nats.splitlab:4222',
    lane: 0,
    side: 'local',
    podAttempt: 1,
    ...changes,
  };
}

export const shapedLink = {
  name: 'wifi',
  type: 'Profile',
  profile: {
    transport: 'Fluid',
    uplink: { bandwidth: '20M', delay: '5ms' },
    downlink: { bandwidth: '20M', delay: '5ms' },
  },
};

/** The only one of a list. */
export function only<T>(list: readonly T[] | undefined): T {
  assert.equal(list?.length, 1);
  const [item] = list ?? [];
  assert.ok(item !== undefined);
  return item;
}
