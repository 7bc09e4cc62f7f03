import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Segment } from './segments.ts';
import { describeSpans } from './spans.ts';

const context = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true };

const segments: readonly Segment[] = [
  { name: 'head', side: 'local', startMs: 10, endMs: 14 },
  { name: 'uplink', side: 'link', startMs: 14, endMs: 20 },
  { name: 'tail', side: 'remote', startMs: 20, endMs: 21.5 },
];

test('a root over all of it and one child per segment, in order and without gaps', () => {
  let id = 0;
  const identity = { context, attributes: { 'splitlab.visit.id': 'v-0' } };
  const [root, ...children] = describeSpans(identity, segments, 1_700_000_000_000, () => `span${++id}`);
  assert.deepEqual(root, {
    name: 'inference',
    traceId: context.traceId,
    spanId: context.spanId,
    parentSpanId: null,
    startTimeMs: 1_700_000_000_010,
    endTimeMs: 1_700_000_000_021.5,
    side: 'local',
    attributes: { 'splitlab.visit.id': 'v-0' },
  });
  assert.deepEqual(
    children.map((span) => [span.name, span.spanId, span.parentSpanId, span.attributes['splitlab.side']]),
    [
      ['head', 'span1', context.spanId, 'local'],
      ['uplink', 'span2', context.spanId, 'link'],
      ['tail', 'span3', context.spanId, 'remote'],
    ],
  );
  assert.equal(children[0]?.startTimeMs, root?.startTimeMs);
  assert.equal(children.at(-1)?.endTimeMs, root?.endTimeMs);
  for (const [index, span] of children.entries()) {
    if (index > 0) assert.equal(span.startTimeMs, children[index - 1]?.endTimeMs);
  }
});

test('a negative segment never gives a span that ends before it starts, and says its length', () => {
  const [, span] = describeSpans({ context, attributes: {} }, [{ ...segments[1], endMs: 13 } as Segment], 0);
  assert.equal(span?.startTimeMs, 13);
  assert.equal(span?.endTimeMs, 13);
  assert.equal(span?.attributes['splitlab.ms'], -1);
});

test('spans of their own have identifiers of their own', () => {
  const spans = describeSpans({ context, attributes: {} }, segments, 0);
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, 4);
});
