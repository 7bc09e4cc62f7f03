import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestRefused, WorkerSilent } from '../control.ts';
import { LinkInterrupted, RemoteFailed } from '../transport/errors.ts';
import { verdictOf } from './attempt.ts';
import { WorkerLost } from './remote-worker.ts';

test('what ended an attempt decides between rejected, to be tried again, and failed', () => {
  const reasons = [
    [new LinkInterrupted('the connection broke'), 'Rejected', 'LinkInterrupted'],
    [new WorkerLost('remote worker 1 was replaced'), 'Rejected', 'WorkerLost'],
    [new WorkerSilent('prepare', new Error('timeout')), 'Rejected', 'WorkerLost'],
    [new RemoteFailed('NothingPrepared', 'the worker was started anew'), 'Rejected', 'WorkerLost'],
    [new RemoteFailed('InternalError', 'out of memory'), 'Failed', 'InferenceFailed'],
    [new RequestRefused('prepare', 'InternalError', 'bad operator'), 'Failed', 'InferenceFailed'],
    ['a text', 'Failed', 'InferenceFailed'],
  ] as const;
  for (const [error, result, reason] of reasons) {
    const verdict = verdictOf(error);
    assert.deepEqual([verdict.result, verdict.reason], [result, reason]);
    assert.ok(verdict.message.length > 0);
  }
  assert.ok(verdictOf(new Error('x'.repeat(10_000))).message.length <= 4096);
});
