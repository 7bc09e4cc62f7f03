import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiUnreachable, Forbidden, Gone, ServerError, TooManyRequests } from '../client/errors.ts';
import { ShortWatch, WentBackwards } from './errors.ts';
import { recoveryFrom } from './recovery.ts';

const subject = { verb: 'watch', resource: 'pods', name: '' };
const failure = (status: number, more = {}) => ({
  status,
  reason: '',
  message: '',
  causes: [],
  retryAfterMs: null,
  ...more,
});
const tooLarge = failure(504, { causes: [{ reason: 'ResourceVersionTooLarge', field: '', message: '' }] });

const usual = { resume: true, trustVersions: true, atOnce: false, leastMs: 0 };
const anew = { ...usual, resume: false };
for (const [what, error, expected] of [
  ['no answer', new ApiUnreachable(subject, 'cut'), usual],
  ['a watch that ended at once', new ShortWatch('pods'), usual],
  ['500', new ServerError(subject, failure(500)), usual],
  [
    '429 with Retry-After',
    new TooManyRequests(subject, failure(429, { retryAfterMs: 7000 })),
    { ...usual, leastMs: 7000 },
  ],
  ['410', new Gone(subject, failure(410)), { ...anew, atOnce: true }],
  ['403', new Forbidden(subject, failure(403)), anew],
  ['a version too large', new ServerError(subject, tooLarge), { ...anew, trustVersions: false }],
  ['versions that go backwards', new WentBackwards('pods', '1', '2'), { ...anew, trustVersions: false, atOnce: true }],
  ['anything else', new TypeError('a fault of ours'), anew],
] as const) {
  test(`after ${what}: ${JSON.stringify(expected)}`, () => assert.deepEqual(recoveryFrom(error, 1), expected));
}

test('the fourth failure in a row ends in a new list, whatever it is', () => {
  const cut = new ApiUnreachable(subject, 'cut');
  assert.deepEqual(
    [3, 4].map((failures) => recoveryFrom(cut, failures).resume),
    [true, false],
  );
});
