import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workerConfigSchema } from '../../api/worker-config.ts';
import { desiredSecret } from './secret.ts';
import { podInput } from './testing/inputs.ts';
import { largeTemplate, shapes } from './testing/shapes.ts';

const given = { credentials: 'the credentials', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };

function fileOf(spec: object | undefined, name: string): string {
  const secret = desiredSecret({ ...podInput(spec), ...given });
  return Buffer.from(secret.data?.[name] ?? '', 'base64').toString();
}

for (const [what, spec] of Object.entries(shapes)) {
  test(`workers can read the configuration of ${what}`, () => {
    const config = workerConfigSchema.parse(JSON.parse(fileOf(spec, 'config.json')));
    assert.equal(config.model, null);
    assert.equal(config.lane, undefined);
    assert.equal(config.traceparent, given.traceparent);
    assert.deepEqual(config.nats, {
      url: 'nats://nats.splitlab:4222',
      credentialsFile: '/etc/splitlab/nats.creds',
    });
  });
}

test('the Secret is known by its labels and holds the credentials', () => {
  const { metadata, type } = desiredSecret({ ...podInput(), ...given });
  assert.equal(metadata?.name, 'digits-worker');
  assert.equal(metadata?.ownerReferences?.length, 1);
  assert.equal(metadata?.labels?.['splitlab.dev/experiment-uid'], '5f0c7a52-6c4d-4a8e-9d3b-0d8a7e1f2b3c');
  assert.equal(type, 'Opaque');
  assert.equal(fileOf({}, 'nats.creds'), 'the credentials');
});

test('sources of the manifest are bound to where the pods have them', () => {
  const binds = (what: string) => JSON.parse(fileOf(shapes[what], 'config.json')).binds;
  assert.deepEqual(binds('one claim for model, input and cache'), { 'pvc/data': '/mnt/pvc/data' });
  assert.deepEqual(binds('traces of a config map and a claim'), {
    'configmap/traces': '/mnt/configmap/traces',
    'pvc/traces': '/mnt/pvc/traces',
  });
  assert.deepEqual(binds('telemetry with headers and a certificate'), {
    'configmap/ca': '/mnt/telemetry-ca',
    'secret/otlp': '/mnt/headers/telemetry',
  });
  assert.deepEqual(binds('a model by URL with headers'), { 'secret/token': '/mnt/headers/model' });
});

test('templates stay out of the configuration: they are about pods and may be large', () => {
  assert.doesNotMatch(
    fileOf({ remote: { template: { metadata: largeTemplate.metadata } } }, 'config.json'),
    /template/,
  );
});
