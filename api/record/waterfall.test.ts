import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordFixture, sampleFixture } from './testing/fixture.ts';
import { waterfall } from './waterfall.ts';

const clock = { offsetMicroseconds: 5, uncertaintyMicroseconds: 100, driftPpm: 0 };
const none = sampleFixture(0, 10);

test('segments follow each other in the order of the record, those that do not apply are left out', () => {
  const record = recordFixture({
    clock,
    segmentOrder: [
      { name: 'head', side: 'local' },
      { name: 'encode', side: 'local' },
      { name: 'uplink', side: 'link' },
      { name: 'postprocess', side: 'remote' },
      { name: 'downlink', side: 'link' },
    ],
  });
  const segments = { ...none.segments, head: 4, uplink: 5.5, postprocess: 0.6, downlink: -0.05 };
  const { rows, ...figures } = waterfall(record, { ...none, segments, totalMs: 10.05, idealMs: 8 });
  assert.deepEqual(
    rows.map(({ name, side, startMs, lengthMs, uncertain }) => [name, side, startMs, lengthMs, uncertain]),
    [
      ['head', 'local', 0, 4, false],
      ['uplink', 'link', 4, 5.5, false],
      ['postprocess', 'remote', 9.5, 0.6, false],
      ['downlink', 'link', 10.1, -0.05, true],
    ],
  );
  assert.deepEqual(figures, { totalMs: 10.05, idealMs: 8, overheadMs: 10.05 - 8, uncertaintyMs: 0.1 });
});

test('a record of an earlier version: the order follows from the kind of its cut', () => {
  const all = Object.fromEntries(Object.keys(none.segments).map((name) => [name, 1])) as typeof none.segments;
  const order = (kind: 'Cut' | 'RemoteSource') =>
    waterfall(recordFixture({ cut: { ...recordFixture().cut, kind } }), { ...none, segments: all }).rows.map(
      ({ name, side }) => `${name} ${side}`,
    );
  const [cut, source] = [order('Cut'), order('RemoteSource')];
  assert.deepEqual(cut.slice(0, 3), ['wait local', 'preprocess local', 'head local']);
  assert.deepEqual(source.slice(3, 8), [
    'uplink link',
    'remoteWait remote',
    'decode remote',
    'preprocess remote',
    'tail remote',
  ]);
  assert.equal(waterfall(recordFixture({}), none).uncertaintyMs, null);
});
