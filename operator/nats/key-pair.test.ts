import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccount, createUser, fromPublic } from '@nats-io/nkeys';
import { nativeKeyPair } from './key-pair.ts';

for (const [name, create] of Object.entries({ user: createUser, account: createAccount })) {
  test(`a native key pair of a ${name} is the library's`, () => {
    const theirs = create();
    const ours = nativeKeyPair(theirs);
    const input = new TextEncoder().encode('signed');
    assert.equal(ours.getPublicKey(), theirs.getPublicKey());
    assert.deepEqual(ours.getSeed(), theirs.getSeed());
    assert.deepEqual(Buffer.from(ours.getPrivateKey()), Buffer.from(theirs.getPrivateKey()));
    // Ed25519 signs without chance.
    assert.deepEqual(Buffer.from(ours.sign(input)), Buffer.from(theirs.sign(input)));
    assert.ok(fromPublic(ours.getPublicKey()).verify(input, ours.sign(input)));
    assert.ok(ours.verify(input, theirs.sign(input)));
    assert.ok(!ours.verify(new TextEncoder().encode('other'), theirs.sign(input)));
  });
}
