import assert from 'node:assert/strict';
import { planMessageSchema } from '../../api/messages/worker.ts';
import type { Plan } from '../../api/plan/expand.ts';
import type { VisitRecord } from '../../api/record/record.ts';
import { findCondition } from '../../api/status/conditions.ts';
import type { ExperimentStatus } from '../../api/status/status.ts';
import type { subjects } from '../../api/subjects.ts';
import type { Archive } from '../../store/archive.ts';
import { samplesOf, scanRecords, summarise } from '../../store/results.ts';

export interface Stored {
  readonly archive: Archive;
  readonly names: ReturnType<typeof subjects>;
}

export interface Expected {
  readonly plan: Plan;
  /** Of each visit. */
  readonly repetitions: number;
}

/**
 * Whatever befell an experiment, this is how it ends: with every planned visit and no other, each counted once by its
 * lowest accepted attempt, and a status that says so. Gives all records.
 */
export async function assertWhole(
  { archive, names }: Stored,
  status: ExperimentStatus,
  { plan, repetitions }: Expected,
): Promise<readonly VisitRecord[]> {
  const stored = planMessageSchema.parse((await archive.newest('records', names.plan))?.value);
  assert.deepEqual({ digest: stored.digest, total: stored.total }, { digest: plan.digest, total: plan.visits.length });
  const records: VisitRecord[] = [];
  for await (const { record } of scanRecords(archive, names)) records.push(record);

  const byVisit = Map.groupBy(records, ({ visitId }) => visitId);
  const planned = plan.visits.map(({ visitId }) => visitId);
  assert.deepEqual([...byVisit.keys()].sort(), [...planned].sort(), 'the visits are those of the plan');
  for (const [visitId, attempts] of byVisit) {
    const numbers = attempts.map(({ attempt }) => attempt);
    assert.equal(new Set(numbers).size, numbers.length, `${visitId}: no attempt has two records`);
    const accepted = attempts.filter(({ verdict }) => verdict.result === 'Accepted').map(({ attempt }) => attempt);
    const verdicts = JSON.stringify(attempts.map(({ attempt, verdict }) => ({ attempt, ...verdict })));
    assert.ok(accepted.length > 0, `${visitId} has no accepted attempt: ${verdicts}`);
    for (const attempt of accepted) {
      const { samples } = await samplesOf(archive, names, { visitId, attempt });
      assert.equal(samples.length, repetitions, `${visitId}.${attempt} has all its samples`);
    }
  }
  const { rows, visits, incomplete } = await summarise(archive, names, ['LatencyP50']);
  assert.deepEqual([visits, incomplete], [{ planned: planned.length, accepted: planned.length }, []]);
  for (const row of rows) {
    const blocks = plan.visits.filter(({ trial }) => trial.trialId === row.trialId).length;
    assert.equal(row.samples, blocks * repetitions, `${row.trialId} is summed up from one attempt at each visit`);
  }
  assertCounted(status, planned.length);
  return records;
}

function assertCounted(status: ExperimentStatus, total: number): void {
  const { conditions, visits, completionTime } = status;
  const succeeded = findCondition(conditions, 'Succeeded');
  assert.deepEqual(
    [succeeded?.status, succeeded?.reason],
    ['True', 'Completed'],
    succeeded?.message ?? 'it has no condition',
  );
  assert.equal(findCondition(conditions, 'ResultsStored')?.status, 'True');
  assert.deepEqual(visits, { total, completed: total, rejected: 0, failed: 0 });
  assert.ok(completionTime, 'it has a time of completion');
}
