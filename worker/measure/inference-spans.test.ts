import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inferenceSpans, type TracedInference } from './inference-spans.ts';
import type { Segment } from './segments.ts';

const context = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true };

const segments: readonly Segment[] = [
  { name: 'head', side: 'local', startMs: 10, endMs: 14 },
  { name: 'uplink', side: 'link', startMs: 14, endMs: 20 },
  { name: 'tail', side: 'remote', startMs: 20, endMs: 21.5 },
];

const alone: Omit<TracedInference, 'segments'> = {
  context,
  attributes: { 'splitlab.visit.id': 'v-0' },
  busy: null,
  clock: null,
  crossings: null,
};

test('a root over all of it and one child per segment, in order and without gaps', () => {
  let id = 0;
  const [root, ...children] = inferenceSpans({ ...alone, segments }, 1_700_000_000_000, () => `span${++id}`);
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
  const [, span] = inferenceSpans({ ...alone, segments: [{ ...segments[1], endMs: 13 } as Segment] }, 0);
  assert.equal(span?.startTimeMs, 13);
  assert.equal(span?.endTimeMs, 13);
  assert.equal(span?.attributes['splitlab.ms'], -1);
});

test('spans of their own have identifiers of their own', () => {
  const spans = inferenceSpans({ ...alone, segments }, 0);
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, 4);
});

test('what the clock moved is said of the whole way to and on the remote side alone', () => {
  const [, head, uplink, tail] = inferenceSpans(
    { ...alone, segments, clock: { offsetMs: -250, uncertaintyMs: 0.1 } },
    0,
  );
  assert.equal(head?.attributes['splitlab.clock.offset_us'], undefined);
  for (const span of [uplink, tail]) {
    assert.equal(span?.attributes['splitlab.clock.offset_us'], -250_000);
    assert.equal(span?.attributes['splitlab.clock.uncertainty_us'], 100);
  }
});

const noBytes = { subject: 's', bodyBytes: 1, envelopeBytes: 2, bursts: [] };
const burst = {
  firstInMs: 14.5,
  lastInMs: 15,
  lastServedMs: 17,
  lastDeliveredMs: 19,
  payloadBytes: 900,
  queuePeakBytes: 700,
};

/** Children of the uplink for what the emulator saw in this direction. */
function linkChildren(bursts: readonly (typeof burst)[], uncertaintyMs = 0.1) {
  const crossings = { uplink: { ...noBytes, bursts }, downlink: noBytes };
  const spans = inferenceSpans({ ...alone, segments, clock: { offsetMs: 0, uncertaintyMs }, crossings }, 1_000);
  const uplink = spans.find(({ name }) => name === 'uplink');
  return { uplink, children: spans.filter(({ parentSpanId }) => parentSpanId === uplink?.spanId) };
}

test('inside the uplink: what waited for the link, then what was under way', () => {
  const { uplink, children } = linkChildren([burst]);
  assert.deepEqual(
    children.map(({ name, startTimeMs, endTimeMs }) => [name, startTimeMs, endTimeMs]),
    [
      ['link.queue', 1_014.5, 1_017],
      ['link.transit', 1_017, 1_019],
    ],
  );
  const [queue] = children;
  assert.equal(queue?.attributes['splitlab.ms'], 2.5);
  assert.equal(queue?.attributes['splitlab.link.payload'], 900);
  assert.equal(queue?.attributes['splitlab.link.first_in_ms'], 4.5);
  assert.equal(queue?.attributes['splitlab.link.last_delivered_ms'], 9);
  assert.equal(queue?.attributes['splitlab.clipped'], undefined);
  assert.equal(uplink?.attributes['messaging.message.envelope.size'], 2);
});

test('several bursts of one way are one queue; those of other inferences and before it are not of it', () => {
  const moved = (ms: number) => ({
    ...burst,
    firstInMs: burst.firstInMs + ms,
    lastInMs: burst.lastInMs + ms,
    lastServedMs: burst.lastServedMs + ms,
    lastDeliveredMs: burst.lastDeliveredMs + ms,
  });
  const { children } = linkChildren([moved(-1.5), burst, moved(0.5), moved(6)]);
  assert.deepEqual(
    children.map(({ startTimeMs, endTimeMs }) => [startTimeMs, endTimeMs]),
    [
      [1_014.5, 1_017.5],
      [1_017.5, 1_019.5],
    ],
  );
  assert.equal(children[0]?.attributes['splitlab.link.bursts'], 2);
  assert.equal(children[0]?.attributes['splitlab.link.payload'], 1_800);
});

test('what comes behind a tensor and arrives after it is not of it, unless both are one burst', () => {
  const pong = { ...burst, firstInMs: 18, lastInMs: 18, lastServedMs: 18.1, lastDeliveredMs: 22, payloadBytes: 6 };
  assert.equal(linkChildren([burst, pong]).children[0]?.attributes['splitlab.link.payload'], 900);
  const both = { ...burst, lastDeliveredMs: 20.5, payloadBytes: 906 };
  const { children } = linkChildren([both, pong]);
  assert.equal(children[0]?.attributes['splitlab.link.payload'], 906);
  assert.equal(children[1]?.endTimeMs, 1_020);
  assert.equal(children[1]?.attributes['splitlab.clipped'], true);
});

test('what the clock puts beside the uplink is cut off at its edges, with the raw times told', () => {
  const late = { ...burst, firstInMs: 13.95, lastServedMs: 20.02, lastDeliveredMs: 20.05 };
  const { children } = linkChildren([late]);
  assert.deepEqual(
    children.map(({ startTimeMs, endTimeMs }) => [startTimeMs, endTimeMs]),
    [
      [1_014, 1_020],
      [1_020, 1_020],
    ],
  );
  for (const child of children) assert.equal(child.attributes['splitlab.clipped'], true);
  assert.ok(Math.abs(Number(children[1]?.attributes['splitlab.link.last_delivered_ms']) - 10.05) < 1e-9);
});

test('without bytes seen, or before they were delivered, there is nothing to tell', () => {
  assert.equal(linkChildren([]).children.length, 0);
});

test('what overlaps lies beside the segments, inside the whole', () => {
  const busy = {
    encode: { startMs: 12, endMs: 16 },
    transfer: { startMs: 14, endMs: 20 },
    decode: { startMs: 17, endMs: 21.7 },
  };
  const [root, , , , ...others] = inferenceSpans({ ...alone, segments, busy }, 0);
  assert.deepEqual(
    others.map(({ name, startTimeMs, endTimeMs, side, parentSpanId }) => [
      name,
      startTimeMs,
      endTimeMs,
      side,
      parentSpanId,
    ]),
    [
      ['busy.encode', 12, 16, 'local', root?.spanId],
      ['busy.transfer', 14, 20, 'link', root?.spanId],
      ['busy.decode', 17, 21.5, 'remote', root?.spanId],
    ],
  );
  assert.equal(others[2]?.attributes['splitlab.clipped'], true);
  assert.ok(Math.abs(Number(others[2]?.attributes['splitlab.ms']) - 4.7) < 1e-9);
});
