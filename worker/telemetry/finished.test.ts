import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanStatusCode } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import fc from 'fast-check';
import type { SpanDescription } from '../measure/spans.ts';
import { finishedSpan, hrTime } from './finished.ts';

const description = {
  name: 'head',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  startTimeMs: 1_700_000_000_010.25,
  endTimeMs: 1_700_000_000_012.5,
  side: 'local',
  attributes: { 'splitlab.ms': 2.25 },
} as const satisfies SpanDescription;

test('a span keeps the identifiers and times that it was given', () => {
  const resource = resourceFromAttributes({ 'service.name': 'a' });
  const span = finishedSpan(description, resource);
  assert.deepEqual(span.spanContext(), { traceId: description.traceId, spanId: description.spanId, traceFlags: 1 });
  assert.equal(span.parentSpanContext?.spanId, description.parentSpanId);
  assert.deepEqual(span.startTime, [1_700_000_000, 10_250_000]);
  assert.deepEqual(span.endTime, [1_700_000_000, 12_500_000]);
  assert.deepEqual(span.duration, [0, 2_250_000]);
  assert.equal(span.resource, resource);
});

test('a root has no parent', () => {
  const root = finishedSpan({ ...description, parentSpanId: null }, resourceFromAttributes({}));
  assert.equal('parentSpanContext' in root, false);
});

test('seconds and nanoseconds are the time, to the nanosecond, with nanoseconds below a second', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 4e12, noNaN: true }), (ms) => {
      const [seconds, nanoseconds] = hrTime(ms);
      assert.ok(nanoseconds >= 0 && nanoseconds < 1e9);
      assert.ok(Number.isInteger(seconds) && Number.isInteger(nanoseconds));
      assert.ok(Math.abs(seconds * 1e3 + nanoseconds / 1e6 - ms) <= 1e-6 + ms * Number.EPSILON);
    }),
  );
  assert.deepEqual(hrTime(999.9999999), [1, 0]);
});

test('events, links and what failed are said', () => {
  const link = { traceId: 'b'.repeat(32), spanId: 'c'.repeat(16) };
  const events = [{ name: 'queued', timeMs: 1_700_000_000_011, attributes: { 'splitlab.ms': 7 } }];
  const span = finishedSpan({ ...description, events, links: [link], error: 'no answer' }, resourceFromAttributes({}));
  assert.deepEqual(
    span.events.map(({ name, time, attributes }) => ({ name, time, attributes })),
    [{ name: 'queued', time: [1_700_000_000, 11_000_000], attributes: { 'splitlab.ms': 7 } }],
  );
  assert.deepEqual(span.links, [{ context: { ...link, traceFlags: 1 } }]);
  assert.deepEqual(span.status, { code: SpanStatusCode.ERROR, message: 'no answer' });
});
