import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelSelector, matchesLabels } from './labels.ts';
import { controllerOf, controllerOwner, isControlledBy, isOwnedBy } from './owner.ts';
import { pod } from './testing/answers.ts';

test('an owner is known by its UID, not by its name', () => {
  const owner = pod('owner', 1);
  const reference = controllerOwner(owner);
  assert.deepEqual(reference, {
    apiVersion: 'v1',
    kind: 'Pod',
    name: 'owner',
    uid: 'uid-owner',
    controller: true,
    blockOwnerDeletion: false,
  });
  const owned = pod('owned', 2, {
    metadata: { ownerReferences: [{ ...reference, uid: 'other', controller: false }, reference] },
  });
  assert.equal(controllerOf(owned), reference);
  assert.ok(isOwnedBy(owned, owner) && isControlledBy(owned, owner));
  const later = pod('owner', 3, { metadata: { uid: 'later' } });
  assert.ok(!isOwnedBy(owned, later) && !isControlledBy(owned, later));
  const other = pod('other', 4, { metadata: { uid: 'other' } });
  assert.ok(isOwnedBy(owned, other) && !isControlledBy(owned, other));
  const elsewhere = pod('owned', 5, { metadata: { ...owned.metadata, namespace: 'elsewhere' } });
  assert.ok(!isOwnedBy(elsewhere, owner) && !isControlledBy(elsewhere, owner));
  assert.equal(controllerOf(owner), null);
});

test('label requirements are written as kubectl takes them', () => {
  const requirements = { 'app.kubernetes.io/name': 'splitlab', side: ['local', 'remote'], lane: true, retired: false };
  assert.equal(labelSelector(requirements), 'app.kubernetes.io/name=splitlab,side in (local,remote),lane,!retired');
  const labelled = pod('a', 1, { metadata: { labels: { lane: '0', side: 'local' } } });
  assert.ok(matchesLabels(labelled, { lane: '0' }));
  assert.ok(!matchesLabels(labelled, { lane: '0', side: 'remote' }));
  assert.ok(!matchesLabels(pod('b', 1), { lane: '0' }));
});
