import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toleranceSchema } from '../../api/manifest/measurement.ts';
import type { LinkProbe } from '../../api/record/record.ts';
import { judgeLink } from './judge.ts';

const tolerance = toleranceSchema.parse({});
const requested = {
  uplink: { bitsPerSecond: 20e6, delayMs: 25 },
  downlink: { bitsPerSecond: 60e6, delayMs: 25 },
};
const good: LinkProbe = { uplinkBitsPerSecond: 20.1e6, downlinkBitsPerSecond: 59.8e6, rttMilliseconds: 50.4 };

test('a link within its tolerance is accepted, one without shape always', () => {
  assert.equal(judgeLink(requested, { before: good, after: good }, tolerance).result, 'Accepted');
  assert.equal(
    judgeLink(null, { before: { ...good, rttMilliseconds: 900 }, after: null }, tolerance).result,
    'Accepted',
  );
});

test('a rate or delay outside is rejected with what was found and wanted', () => {
  const cases: [Partial<LinkProbe>, RegExp][] = [
    [{ uplinkBitsPerSecond: 19.5e6 }, /uplink 19\.50 Mbit\/s after the repetitions, not 20\.00 Mbit\/s \+- 2 %/],
    [{ downlinkBitsPerSecond: 70e6 }, /downlink 70\.00 Mbit\/s/],
    [{ rttMilliseconds: 51.2 }, /round trip 51\.20 ms after the repetitions, not 50 \+- 1 ms/],
  ];
  for (const [change, message] of cases) {
    const verdict = judgeLink(requested, { before: good, after: { ...good, ...change } }, tolerance);
    assert.equal(verdict.result, 'Rejected');
    assert.equal(verdict.reason, 'LinkOutOfTolerance');
    assert.match(verdict.message, message);
  }
});
