import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1Secret } from '@kubernetes/client-node';
import { withControlPlane } from '../../test/cluster/testing.ts';
import type { Stored } from '../runtime/objects.ts';
import type { Wire } from '../runtime/wire.ts';
import { ensureKeys, readKeys, type SecretClient } from './ensure-keys.ts';
import { KeysInvalid } from './errors.ts';
import { serverKeysOf, textOf } from './key-secret.ts';
import { publicKey } from './keys.ts';
import { rotated } from './rotate.ts';

const { skip, plane } = await withControlPlane();
const path = '/api/v1/namespaces/default/secrets';

class Refused extends Error {
  readonly status: number;
  constructor(status: number, body: unknown) {
    super(JSON.stringify(body));
    this.status = status;
  }
}

async function call(method: string, at: string, body?: unknown): Promise<Stored<Wire<V1Secret>>> {
  const answer = await plane().client.send(method, at, body);
  if (answer.status >= 300) throw new Refused(answer.status, answer.body);
  return answer.body as Stored<Wire<V1Secret>>;
}

const client: SecretClient = {
  get: (_resource, { name }) => call('GET', `${path}/${name}`),
  create: (_resource, secret) => call('POST', path, secret),
};

test('operators that start at once end with the same keys, and so does one that starts later', { skip }, async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => ensureKeys(client, 'default', 'race')));
  const first = all[0] ?? assert.fail('no keys');
  for (const keys of [...all, await ensureKeys(client, 'default', 'race')]) assert.deepEqual(keys, first);
  assert.deepEqual(await readKeys(client, 'default', 'race'), first);
  const stored = await call('GET', `${path}/race`);
  const data = textOf(stored.data);
  assert.equal(publicKey(serverKeysOf('default/race', data).accountSeed), first.account);
  assert.doesNotMatch(data['auth.conf'] ?? 'SA', /"S[AOU][A-Z0-9]{20}/, 'what the server is given holds no seed');
});

test('keys of somebody else’s account are taken as they are', { skip }, async () => {
  const { account, signingSeed } = await ensureKeys(client, 'default', 'source');
  const stringData = { account, 'signing.seed': `${signingSeed}\n` };
  await call('POST', path, { metadata: { name: 'theirs' }, stringData });
  assert.deepEqual(await ensureKeys(client, 'default', 'theirs'), { account, signingSeed });
});

test('a Secret that holds no keys is named with what is wrong, and left as it is', { skip }, async () => {
  await call('POST', path, { metadata: { name: 'broken' }, stringData: { account: 'A1', 'signing.seed': 'SUX' } });
  const broken = await call('GET', `${path}/broken`);
  await assert.rejects(ensureKeys(client, 'default', 'broken'), (error: unknown) => {
    assert.ok(error instanceof KeysInvalid);
    assert.equal(error.source, 'default/broken');
    assert.match(error.message, /account: it is not the public key .*signing\.seed: it is not a seed of type SA/);
    return true;
  });
  assert.deepEqual(await call('GET', `${path}/broken`), broken);
  await assert.rejects(
    readKeys(client, 'default', 'absent'),
    /default\/absent cannot be used: there is no such Secret/,
  );
});

test('rotation keeps the account and changes the signing key, in a Secret that can be replaced', { skip }, async () => {
  const before = await ensureKeys(client, 'default', 'rotating');
  const secret = await call('GET', `${path}/rotating`);
  await call('PUT', `${path}/rotating`, JSON.parse(await rotated(JSON.stringify(secret))));
  const after = await ensureKeys(client, 'default', 'rotating');
  assert.equal(after.account, before.account);
  assert.notEqual(after.signingSeed, before.signingSeed);
  const auth = textOf((await call('GET', `${path}/rotating`)).data)['auth.conf'] ?? '';
  assert.notEqual(auth, textOf(secret.data)['auth.conf']);
});
