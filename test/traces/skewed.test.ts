import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VisitRecord } from '../../api/record/record.ts';
import { startJaeger } from '../support/jaeger.ts';
import type { ReceivedSpan } from '../support/spans.ts';
import { assertKnown, assertTrace, inferenceTraces, named, nearMs, recordOf } from './check.ts';
import { type SampleRow, tracedRun } from './run.ts';

/** Jaeger may have to be built first. */
const timeout = 1_800_000;
const repetitions = 40;
const preload = new URL('../support/clock-skew.ts', import.meta.url).href;

const uplink = { bandwidth: '5M', delay: '20ms' };
const downlink = { bandwidth: '50M', delay: '3ms' };
const delayMs = { uplink: 20, downlink: 3 };
const links = [
  { name: 'asymmetric', type: 'Profile', profile: { transport: 'Fluid', uplink, downlink } },
  { name: 'bare', type: 'None' },
];
const measurement = { warmup: 1, repetitions, blocks: 1 };

for (const [skewMs, transfer] of [
  [250, 'Sequential'],
  [-250, 'Pipelined'],
] as const) {
  test(`a remote clock ${skewMs} ms off: every inference in Jaeger adds up (${transfer})`, { timeout }, async () => {
    await using jaeger = await startJaeger();
    const { status, records, samples } = await tracedRun(
      { endpoint: jaeger.endpoints.HttpProtobuf },
      {
        spec: { cuts: { selection: 'All', maxCount: 4 }, links, transfer, measurement },
        environment: { NODE_OPTIONS: `--import ${preload}`, SPLITLAB_TEST_SKEW: `remote/main.ts:${skewMs}` },
      },
    );
    assert.equal(status, 0);
    const measured = records.filter(({ traces }) => traces !== null);
    assert.equal(samples.length, measured.length * repetitions);
    assert.ok(samples.length >= 400);
    for (const { clock } of measured) assertClock(clock, skewMs);

    const received = await jaeger.spans();
    assertKnown(received);
    const traces = inferenceTraces(received);
    assert.deepEqual([...traces.keys()].sort(), samples.map(({ traceId }) => traceId).sort());
    for (const sample of samples) {
      const record = recordOf(sample, records);
      const spans = traces.get(sample.traceId) ?? [];
      assertTrace(spans, sample, record);
      const where = `${sample.visitId} repetition ${sample.repetition}`;
      assertClockSaid(spans, record);
      assertLink(spans, sample, record, where);
      const busy = spans.filter(({ name }) => name.startsWith('busy.')).map(({ name }) => name);
      const overlaps = transfer === 'Pipelined' && record.link !== null;
      assert.deepEqual(busy.sort(), overlaps ? ['busy.decode', 'busy.encode', 'busy.transfer'] : [], where);
    }
  });
}

/** Both sides run on this machine: the true offset is the skew. */
function assertClock(clock: VisitRecord['clock'], skewMs: number): void {
  if (!clock) return;
  const errorUs = Math.abs(clock.offsetMicroseconds - skewMs * 1e3);
  const { uncertaintyMicroseconds } = clock;
  assert.ok(errorUs <= uncertaintyMicroseconds, `${errorUs} us off, ${uncertaintyMicroseconds} us said`);
  assert.ok(uncertaintyMicroseconds < 50_000, 'the skew is no part of the uncertainty');
}

function assertClockSaid(spans: readonly ReceivedSpan[], { clock, remote }: VisitRecord): void {
  for (const { name, attributes, resource } of spans) {
    const isRemote = resource['service.name'] === 'splitlab-remote';
    if (name !== 'inference' && !isRemote) continue;
    assert.equal(attributes['splitlab.clock.offset_us'], clock?.offsetMicroseconds);
    assert.equal(attributes['splitlab.clock.uncertainty_us'], clock?.uncertaintyMicroseconds);
    if (isRemote) assert.equal(resource['host.name'], remote?.node);
  }
  const processes = new Set(spans.map(({ resource }) => resource['process.pid']));
  assert.equal(processes.size, clock ? 2 : 1, 'each side is a process of its own');
}

/** The emulator runs on the local clock: what it saw bounds from outside where the remote marks may lie. */
function assertLink(spans: readonly ReceivedSpan[], sample: SampleRow, record: VisitRecord, where: string): void {
  const ofLink = spans.filter(({ name }) => name.startsWith('link.'));
  if (record.link?.type !== 'Profile' || !record.clock) {
    assert.equal(ofLink.length, 0, `${where}: nothing shapes it`);
    return;
  }
  const root = named(spans, 'inference', where);
  const sinceRoot = (ns: bigint) => Number(ns - root.startNs) / 1e6;
  const slackMs = record.clock.uncertaintyMicroseconds / 1e3 + nearMs;
  for (const way of ['uplink', 'downlink'] as const) {
    const parent = named(spans, way, where);
    const inside = ofLink.filter(({ parentSpanId }) => parentSpanId === parent.spanId);
    const queue = named(inside, 'link.queue', `${where} ${way}`);
    const transit = named(inside, 'link.transit', `${where} ${way}`);
    assert.equal(queue.endNs, transit.startNs);
    const of = (name: string) => Number(queue.attributes[`splitlab.link.${name}`]);
    const body = way === 'uplink' ? sample.encodedBytes : sample.replyBytes;
    const envelope = Number(parent.attributes['messaging.message.envelope.size']);
    assert.equal(parent.attributes['messaging.message.body.size'], body);
    assert.ok(of('payload') >= envelope && envelope >= (body ?? Infinity), `${where}: the emulator saw all of it`);
    assert.ok(of('first_in_ms') <= of('last_in_ms') && of('last_in_ms') <= of('last_served_ms'));
    assert.ok(Number(transit.attributes['splitlab.ms']) >= delayMs[way] - nearMs, `${where}: no byte is early`);
    // Bytes are sent before they come to the emulator, and received after they left it; NATS' own may come with them.
    if (of('payload') > envelope) continue;
    assert.ok(of('first_in_ms') >= sinceRoot(parent.startNs) - slackMs, `${where}: ${way} starts`);
    assert.ok(of('last_delivered_ms') <= sinceRoot(parent.endNs) + slackMs, `${where}: ${way} ends`);
  }
}
