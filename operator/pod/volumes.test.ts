import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Side } from '../../api/subjects.ts';
import { desiredPod } from './pod.ts';
import { podInput } from './testing/inputs.ts';
import { shapes } from './testing/shapes.ts';

/** `path: source (read-only)` of what a worker has beyond configuration, cache and temporary files. */
function mountsOf(what: string, side: Side): readonly string[] {
  const { spec } = desiredPod(podInput(shapes[what], { side }));
  return (spec?.containers[0]?.volumeMounts ?? []).slice(2).map(({ name, mountPath, readOnly }) => {
    const { name: _, ...source } = spec?.volumes?.find((volume) => volume.name === name) ?? { name };
    return `${mountPath}${readOnly ? ' (read-only)' : ''}: ${JSON.stringify(source)}`;
  });
}

const cache = '/cache: {"emptyDir":{"sizeLimit":"32Gi"}}';
const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['the shortest manifest', [cache], [cache]],
  [
    'a model by URL with headers',
    [cache, '/mnt/headers/model (read-only): {"secret":{"secretName":"token","defaultMode":288}}'],
    [cache, '/mnt/headers/model (read-only): {"secret":{"secretName":"token","defaultMode":288}}'],
  ],
  [
    'a model in a claim',
    [cache, '/mnt/pvc/models (read-only): {"persistentVolumeClaim":{"claimName":"models","readOnly":true}}'],
    [cache, '/mnt/pvc/models (read-only): {"persistentVolumeClaim":{"claimName":"models","readOnly":true}}'],
  ],
  [
    'one claim for model, input and cache',
    [
      '/cache: {"persistentVolumeClaim":{"claimName":"data"}}',
      '/mnt/pvc/data (read-only): {"persistentVolumeClaim":{"claimName":"data"}}',
    ],
    [
      '/cache: {"persistentVolumeClaim":{"claimName":"data"}}',
      '/mnt/pvc/data (read-only): {"persistentVolumeClaim":{"claimName":"data"}}',
    ],
  ],
  [
    'a model in an OCI image',
    [
      cache,
      '/mnt/model-image (read-only): {"image":{"reference":"registry.example/models/net:1","pullPolicy":"IfNotPresent"}}',
    ],
    [
      cache,
      '/mnt/model-image (read-only): {"image":{"reference":"registry.example/models/net:1","pullPolicy":"IfNotPresent"}}',
    ],
  ],
  [
    'traces of a config map and a claim',
    [
      cache,
      '/mnt/pvc/traces (read-only): {"persistentVolumeClaim":{"claimName":"traces","readOnly":true}}',
      '/mnt/configmap/traces (read-only): {"configMap":{"name":"traces"}}',
    ],
    [cache],
  ],
  [
    'telemetry with headers and a certificate',
    [
      cache,
      '/mnt/headers/telemetry (read-only): {"secret":{"secretName":"otlp","defaultMode":288}}',
      '/mnt/telemetry-ca (read-only): {"configMap":{"name":"ca","items":[{"key":"ca.crt","path":"ca.crt"}]}}',
    ],
    [cache],
  ],
];

for (const [what, local, remote] of cases) {
  test(`what the workers of ${what} have`, () => {
    assert.deepEqual(mountsOf(what, 'local'), local);
    assert.deepEqual(mountsOf(what, 'remote'), remote);
  });
}

test('a claim stands in a pod once', () => {
  const { spec } = desiredPod(podInput(shapes['one claim for model, input and cache']));
  assert.equal(spec?.volumes?.filter((volume) => volume.persistentVolumeClaim).length, 1);
});
