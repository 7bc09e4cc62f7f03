import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigInvalid, parseConfig, readConfig } from './config.ts';

const least = { nats: { url: 'nats://nats:4222', keysSecret: 'keys' }, images: { cpu: 'cpu:1', cuda: 'cuda:1' } };

test('the least configuration gets its defaults', () => {
  const config = parseConfig('operator.json', least);
  assert.equal(config.leaderElection.leaseDurationSeconds, 15);
  assert.equal(config.nats.manageKeys, false);
  assert.deepEqual([config.concurrency, config.healthPort, config.resultsApi.port], [4, 8081, 8443]);
});

const wrong = [
  { name: 'a missing field', value: { ...least, images: { cpu: 'cpu:1' } }, says: /images\.cuda: / },
  { name: 'an unknown field', value: { ...least, concurrancy: 3 }, says: /concurrancy/ },
  {
    name: 'no credentials',
    value: { ...least, nats: { url: 'nats://n' } },
    says: /nats: give either keysSecret or credentialsFile/,
  },
  {
    name: 'both kinds of credentials',
    value: { ...least, nats: { ...least.nats, credentialsFile: '/c' } },
    says: /nats: give either/,
  },
  {
    name: 'a lease that ends before it is renewed',
    value: { ...least, leaderElection: { leaseDurationSeconds: 5 } },
    says: /leaderElection: leaseDurationSeconds must be above/,
  },
  { name: 'a cluster id with dots', value: { ...least, clusterId: 'a.b' }, says: /clusterId: write letters/ },
];
for (const { name, value, says } of wrong) {
  test(`refused by its field: ${name}`, () => {
    assert.throws(
      () => parseConfig('operator.json', value),
      (error) => error instanceof ConfigInvalid && says.test(error.message),
    );
  });
}

test('a file that is not JSON, or not there, is named', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-config-'));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'operator.json');
  await assert.rejects(readConfig(file), /operator\.json: ENOENT/);
  await writeFile(file, '{');
  await assert.rejects(readConfig(file), ConfigInvalid);
  await writeFile(file, JSON.stringify(least));
  assert.equal((await readConfig(file)).images.cpu, 'cpu:1');
});
