import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiUnreachable, Conflict, Forbidden, Invalid, ServerError } from '../../runtime/client/errors.ts';
import { Memories } from '../memory.ts';
import { denialReason, NameTaken, noteObstacle } from './obstacles.ts';

const subject = { verb: 'create', resource: 'pods', name: 'lab/quick-0-local-0' };
const failure = (message: string) => ({ status: 403, reason: '', message, causes: [], retryAfterMs: null });

const cases = [
  {
    error: new Forbidden(subject, failure('pods "x" is forbidden: exceeded quota: small, requested: pods=1')),
    reason: 'QuotaExceeded',
  },
  {
    error: new Forbidden(subject, failure('pods "x" is forbidden: violates PodSecurity "restricted:latest"')),
    reason: 'PodSecurityDenied',
  },
  { error: new Forbidden(subject, failure('admission webhook "w" denied the request: no')), reason: 'AdmissionDenied' },
  { error: new Invalid(subject, failure('spec.containers[0].image: Required value')), reason: 'AdmissionDenied' },
  {
    error: new ServerError(subject, failure('failed calling webhook "w": connection refused')),
    reason: 'AdmissionDenied',
  },
  { error: new NameTaken('pod', 'x'), reason: 'NameTaken' },
  { error: new ServerError(subject, failure('etcdserver: leader changed')), reason: null },
  { error: new Conflict(subject, failure('the object has been modified')), reason: null },
  { error: new ApiUnreachable(subject, 'refused'), reason: null },
];
for (const { error, reason } of cases) {
  test(`${error.message}: ${reason ?? 'tried again at once'}`, () => assert.equal(denialReason(error), reason));
}

test('each denial waits longer, up to a minute, with the sentence of the server', () => {
  const memory = new Memories().of('u1');
  const now = new Date(0);
  const waits = Array.from({ length: 9 }, () => {
    noteObstacle(memory, 'x', 'QuotaExceeded', new Forbidden(subject, failure('exceeded quota')), now);
    return (memory.obstacles.get('x')?.retryAt.getTime() ?? 0) / 1000;
  });
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
  assert.equal(memory.obstacles.get('x')?.message, 'exceeded quota');
});
