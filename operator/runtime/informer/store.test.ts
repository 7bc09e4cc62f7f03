import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import fc from 'fast-check';
import { keyOf, keyText, type Stored } from '../objects.ts';
import { pod } from '../testing/answers.ts';
import type { Wire } from '../wire.ts';
import { type Change, ObjectStore } from './store.ts';

type Pod = Stored<Wire<V1Pod>>;
const byLabel = new Map([['color', (object: Pod) => Object.values(object.metadata.labels ?? {})]]);

/** A life of objects on a server: each step names an object and what becomes of it. */
const steps = fc.array(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    what: fc.constantFrom('write', 'write', 'delete', 'recreate'),
    color: fc.constantFrom('red', 'green'),
    /** How the store hears of it: by the event, by the event twice, or not until the next list. */
    heard: fc.constantFrom('once', 'twice', 'not', 'list'),
  }),
  { maxLength: 40 },
);

test('any sequence of events and lists ends in the state of the server, and its changes add up to it', () => {
  fc.assert(
    fc.property(steps, (life) => {
      const server = new Map<string, Pod>();
      const store = new ObjectStore<Wire<V1Pod>>(byLabel);
      const mirror = new Map<string, Pod>();
      const hear = (changes: readonly Change<Wire<V1Pod>>[]): void => {
        for (const change of changes) {
          const key = keyText(keyOf(change.object));
          if (change.type === 'Deleted') assert.ok(mirror.delete(key), 'deleted what was not there');
          else {
            if (change.type === 'Updated') assert.equal(mirror.get(key), change.old);
            else assert.ok(!mirror.has(key), 'added what was there');
            mirror.set(key, change.object);
          }
        }
      };
      let version = 0;
      for (const { name, what, color, heard } of life) {
        version++;
        const before = server.get(name);
        const uid = what === 'recreate' || !before ? `uid-${version}` : before.metadata.uid;
        const object = pod(name, version, { metadata: { uid, labels: { color } } });
        if (what === 'delete') server.delete(name);
        else server.set(name, object);
        const times = heard === 'twice' ? 2 : heard === 'once' ? 1 : 0;
        for (let i = 0; i < times; i++) {
          if (what !== 'delete') hear(store.put(object));
          else if (before)
            hear(store.remove({ ...before, metadata: { ...before.metadata, resourceVersion: String(version) } }));
        }
        if (heard === 'list') hear(store.replace([...server.values()]));
      }
      hear(store.replace([...server.values()]));
      const sorted = (pods: Iterable<Pod>): Pod[] =>
        [...pods].sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
      const truth = sorted(server.values());
      assert.deepEqual(sorted(store.list()), truth);
      assert.deepEqual(sorted(mirror.values()), truth);
      for (const color of ['red', 'green']) {
        const expected = truth.filter((one) => one.metadata.labels?.color === color);
        assert.deepEqual(sorted(store.byIndex('color', color)), expected);
      }
    }),
  );
});

test('the same version is no change, unless versions are not to be trusted', () => {
  const store = new ObjectStore<Wire<V1Pod>>();
  store.put(pod('a', 5));
  assert.deepEqual(store.put(pod('a', 5)), []);
  const restored = pod('a', 5, { metadata: { labels: { from: 'backup' } } });
  assert.equal(store.replace([restored], { sameVersionIsSame: false })[0]?.type, 'Updated');
  assert.equal(store.get({ namespace: 'default', name: 'a' }), restored);
});

test('an object of the same name with another UID is another object', () => {
  const store = new ObjectStore<Wire<V1Pod>>();
  const first = pod('a', 1, { metadata: { uid: 'one' } });
  const second = pod('a', 2, { metadata: { uid: 'two' } });
  store.put(first);
  assert.deepEqual(store.put(second), [
    { type: 'Deleted', object: first },
    { type: 'Added', object: second },
  ]);
});
