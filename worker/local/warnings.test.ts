import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Usage } from '../../api/record/record.ts';
import { warningsOf } from './warnings.ts';

const usage = (throttledSeconds: number | null): Usage => ({
  cpuSeconds: 1,
  cpuUtilization: 1,
  throttledSeconds,
  memoryPeakBytes: null,
  memoryTotalBytes: null,
  gpuUtilization: null,
  gpuMemoryPeakBytes: null,
  stealSeconds: null,
  involuntarySwitches: null,
});

test('a side that a quota held back is named, with the field that holds it', () => {
  const measured = { stoppedBy: 'Repetitions', repetitions: [], local: usage(0), remote: usage(0.0123) } as const;
  assert.deepEqual(warningsOf(measured), [
    'a CPU quota held the remote worker back for 0.012 s; raise spec.remote.resources.limits.cpu',
  ]);
  assert.deepEqual(warningsOf({ ...measured, local: usage(null), remote: null }), []);
});

test('a visit that ran out of time says after how many repetitions', () => {
  const measured = { stoppedBy: 'TimeLimit', repetitions: [], local: null, remote: null } as const;
  assert.deepEqual(warningsOf(measured), ['stopped by measurement.timeLimit after 0 repetitions']);
});
