import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decidingRecord, nextStep } from './finality.ts';
import type { Verdict } from './record.ts';

const accepted: Verdict = { result: 'Accepted', reason: 'WithinTolerance', message: '' };
const interrupted: Verdict = { result: 'Rejected', reason: 'LinkInterrupted', message: '' };
const notExact: Verdict = { result: 'Rejected', reason: 'NotExact', message: '' };

test('a visit starts with attempt 0 and goes on with the next after a rejection', () => {
  assert.deepEqual(nextStep({ begun: [], records: [] }, 3), { step: 'Run', attempt: 0 });
  assert.deepEqual(nextStep({ begun: [0], records: [{ attempt: 0, verdict: interrupted }] }, 3), {
    step: 'Run',
    attempt: 1,
  });
});

test('an accepted record, or a rejection that repeating cannot change, ends the visit', () => {
  for (const verdict of [accepted, notExact]) {
    assert.deepEqual(nextStep({ begun: [0], records: [{ attempt: 0, verdict }] }, 3), { step: 'Done' });
  }
});

test('attempts that began and left nothing count, and the last of them becomes a record', () => {
  assert.deepEqual(nextStep({ begun: [0], records: [] }, 1), { step: 'Run', attempt: 1 });
  assert.deepEqual(nextStep({ begun: [0, 1], records: [] }, 1), { step: 'GiveUp', attempt: 1 });
  assert.deepEqual(nextStep({ begun: [0, 1], records: [{ attempt: 1, verdict: interrupted }] }, 1), { step: 'Done' });
});

test('whatever happened, a visit ends within 1 + backoffLimit attempts', () => {
  const outcome = fc.constantFrom('died', 'interrupted', 'accepted');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 }), fc.infiniteStream(outcome), (backoffLimit, outcomes) => {
      const begun: number[] = [];
      const records: { attempt: number; verdict: Verdict }[] = [];
      for (let steps = 0; steps <= backoffLimit + 2; steps++) {
        const next = nextStep({ begun, records }, backoffLimit);
        if (next.step === 'Done') {
          assert.ok(decidingRecord(records));
          return;
        }
        assert.ok(next.attempt <= backoffLimit);
        if (next.step === 'GiveUp') {
          records.push({
            attempt: next.attempt,
            verdict: { result: 'Failed', reason: 'AttemptsExhausted', message: '' },
          });
          continue;
        }
        assert.ok(!begun.includes(next.attempt));
        begun.push(next.attempt);
        const happened = outcomes.next().value;
        if (happened === 'accepted') records.push({ attempt: next.attempt, verdict: accepted });
        if (happened === 'interrupted') records.push({ attempt: next.attempt, verdict: interrupted });
      }
      assert.fail('the visit never ended');
    }),
  );
});

test('of several accepted records the lowest attempt counts', () => {
  const records = [2, 0, 1].map((attempt) => ({ attempt, verdict: attempt === 0 ? interrupted : accepted }));
  assert.equal(decidingRecord(records)?.attempt, 1);
  assert.equal(decidingRecord([{ attempt: 0, verdict: interrupted }])?.attempt, 0);
  assert.equal(decidingRecord([]), undefined);
});
