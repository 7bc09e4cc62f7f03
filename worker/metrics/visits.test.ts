import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordFixture, sampleFixture } from '../../api/record/testing/fixture.ts';
import type { MetricName } from '../../api/telemetry/metrics.ts';
import type { Registry } from '../../meters/registry.ts';
import { openMeters } from './meters.ts';
import { visitMetrics } from './visits.ts';

function read(registry: Registry, name: MetricName): Record<string, number> {
  const series = registry.snapshot().families.find((family) => family.name === name)?.series ?? [];
  return Object.fromEntries(
    series.map(({ attributes, value }) => [
      Object.values(attributes).join(' '),
      typeof value === 'number' ? value : value.count,
    ]),
  );
}

const direction = { bitsPerSecond: 5e6, delayMs: 20 };
const requested = { uplink: direction, downlink: { ...direction, bitsPerSecond: 50e6, delayMs: 3 } };
const probe = { uplinkBitsPerSecond: 4.9e6, downlinkBitsPerSecond: 49e6, rttMilliseconds: 23.5 };
const link = { name: 'lab', type: 'Profile', requested: {}, queuePeakBytes: 0, latenessP99Milliseconds: 1 } as const;
const up = { mean: 100, min: 90, max: 110 };

test('a visit is counted by its verdict, its segments in histograms, its bytes by direction, its link as it was', () => {
  const { registry } = openMeters('local', () => {});
  const metrics = visitMetrics(registry);
  const record = recordFixture({ link: { ...link, achieved: { before: null, after: probe } } });
  const bytes = { ...record.bytes, application: { up, down: { ...up, mean: 7 } } };
  const samples = [sampleFixture(0, 4), sampleFixture(1, 6)];
  metrics.visit({ ...record, bytes }, samples, requested);
  assert.deepEqual(read(registry, 'splitlab.visits'), { 'Accepted WithinTolerance': 1 });
  assert.deepEqual(read(registry, 'splitlab.inference.io'), { transmit: 200, receive: 14 });
  const durations = read(registry, 'splitlab.inference.duration');
  assert.equal(durations.total, 2);
  assert.deepEqual([durations.head, durations.uplink, durations.tail], [2, 2, undefined]);
  assert.deepEqual(read(registry, 'splitlab.link.bandwidth.requested'), { uplink: 5e6, downlink: 50e6 });
  assert.deepEqual(read(registry, 'splitlab.link.bandwidth.achieved'), { uplink: 4.9e6, downlink: 49e6 });
  assert.deepEqual(read(registry, 'splitlab.link.rtt.requested'), { '': 0.023 });
  assert.deepEqual(read(registry, 'splitlab.link.rtt.achieved'), { '': 0.0235 });

  const verdict = { result: 'Rejected', reason: 'LinkInterrupted', message: '' } as const;
  metrics.visit({ ...record, verdict, link: { ...link, achieved: { before: null, after: null } } }, [], null);
  assert.deepEqual(read(registry, 'splitlab.visits'), { 'Accepted WithinTolerance': 1, 'Rejected LinkInterrupted': 1 });
  assert.deepEqual(read(registry, 'splitlab.link.bandwidth.requested'), {});
  assert.deepEqual(read(registry, 'splitlab.link.rtt.achieved'), {});
});

test('spans and reconnects are known before there are any, and a page is what was known when it was published', () => {
  const pages: string[] = [];
  const meters = openMeters('local', ({ text }) => pages.push(text));
  const metrics = visitMetrics(meters.registry);
  const reconnected = meters.reconnected('data');
  meters.publish();
  metrics.spans(5, true);
  metrics.spans(2, false);
  reconnected();
  meters.publish();
  const [first = '', second = ''] = pages;
  for (const line of [
    'otel_sdk_exporter_span_exported_total 0',
    'otel_sdk_exporter_span_exported_total{error_type="lost"} 0',
    'splitlab_nats_reconnects_total{splitlab_nats_connection="data"} 0',
  ])
    assert.ok(first.includes(`\n${line}\n`), line);
  assert.ok(second.includes('\notel_sdk_exporter_span_exported_total{error_type="lost"} 2\n'));
  assert.ok(second.includes('\nsplitlab_nats_reconnects_total{splitlab_nats_connection="data"} 1\n'));
});
