import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listed, other, seriesBound } from '../api/telemetry/metric.ts';
import { apiResources, apiVerbs } from '../api/telemetry/metrics/operator.ts';
import { type MetricName, metrics } from '../api/telemetry/metrics.ts';
import { observeProcess } from './process.ts';
import { contentType, prometheusName, prometheusText } from './prometheus.ts';
import { Registry, type Series } from './registry.ts';

function seriesOf(registry: Registry, name: MetricName): readonly Series[] {
  return registry.snapshot().families.find((family) => family.name === name)?.series ?? [];
}

test('counters add up, gauges come and go, histograms count what is at most a bound', () => {
  const registry = new Registry({ 'service.name': 'splitlab-test' }, () => 1_000);
  const verdict = { 'splitlab.verdict': 'Accepted', 'splitlab.verdict.reason': 'WithinTolerance' } as const;
  registry.add('splitlab.visits', verdict, 0);
  registry.add('splitlab.visits', { ...verdict });
  registry.add('splitlab.visits', verdict, 2);
  assert.deepEqual(seriesOf(registry, 'splitlab.visits'), [{ attributes: verdict, value: 3 }]);

  registry.set('splitlab.link.rtt.achieved', {}, 0.02);
  assert.equal(seriesOf(registry, 'splitlab.link.rtt.achieved').length, 1);
  registry.set('splitlab.link.rtt.achieved', {}, null);
  assert.deepEqual(seriesOf(registry, 'splitlab.link.rtt.achieved'), []);

  for (const seconds of [0.001, 0.0011, 200]) registry.record('splitlab.operator.queue.wait.duration', {}, seconds);
  const [waited] = seriesOf(registry, 'splitlab.operator.queue.wait.duration');
  assert.ok(waited && typeof waited.value === 'object');
  const { counts, count, sum, min, max } = waited.value;
  assert.deepEqual([counts[0], counts[1], counts.at(-1)], [1, 1, 1]);
  assert.deepEqual([count, sum, min, max], [3, 200.0021, 0.001, 200]);
});

test('a label that is left out is none, and the order of labels does not matter', () => {
  const registry = new Registry({});
  registry.add('otel.sdk.exporter.span.exported', { 'error.type': null });
  assert.deepEqual(seriesOf(registry, 'otel.sdk.exporter.span.exported'), [{ attributes: {}, value: 1 }]);
  registry.total('splitlab.visits', { 'splitlab.verdict.reason': 'NotExact', 'splitlab.verdict': 'Rejected' }, 4);
  registry.add('splitlab.visits', { 'splitlab.verdict': 'Rejected', 'splitlab.verdict.reason': 'NotExact' });
  assert.deepEqual(
    seriesOf(registry, 'splitlab.visits').map(({ value }) => value),
    [5],
  );
});

test('observers are asked before each snapshot, until they are taken away', () => {
  const registry = new Registry({});
  let depth = 1;
  const stop = registry.observe(() => registry.set('splitlab.operator.queue.depth', {}, depth++));
  registry.snapshot();
  assert.equal(seriesOf(registry, 'splitlab.operator.queue.depth')[0]?.value, 2);
  stop();
  assert.equal(seriesOf(registry, 'splitlab.operator.queue.depth')[0]?.value, 2);
});

test('what is not in the table makes no series of its own, and too many series become one', () => {
  assert.equal(listed(apiVerbs, 'list'), 'list');
  assert.equal(listed(apiResources, '/openapi/v3'), other);
  const registry = new Registry({});
  for (let port = 0; port < 3_000; port++) {
    registry.record(
      'http.client.request.duration',
      {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'error.type': null,
        'server.address': 'api',
        'server.port': String(port),
      },
      0.1,
    );
  }
  const series = seriesOf(registry, 'http.client.request.duration');
  assert.equal(series.length, 1_001);
  assert.deepEqual(series.at(-1)?.attributes, { 'otel.metric.overflow': 'true' });
});

test('the text is what Prometheus reads: names, help, cumulative buckets, escapes', () => {
  const registry = new Registry({ 'service.name': 'a"b\\c\nd' });
  registry.add('splitlab.inference.io', { 'network.io.direction': 'transmit' }, 1_500);
  registry.record('splitlab.inference.duration', { 'splitlab.segment': 'head' }, 0.003);
  const text = prometheusText(registry.snapshot());
  assert.match(contentType, /version=0\.0\.4/);
  assert.match(text, /^target_info\{service_name="a\\"b\\\\c\\nd"\} 1$/m);
  assert.match(text, /^# TYPE splitlab_inference_io_bytes_total counter$/m);
  assert.match(text, /^splitlab_inference_io_bytes_total\{network_io_direction="transmit"\} 1500$/m);
  assert.match(text, /^splitlab_inference_duration_seconds_bucket\{splitlab_segment="head",le="0\.0025"\} 0$/m);
  assert.match(text, /^splitlab_inference_duration_seconds_bucket\{splitlab_segment="head",le="0\.005"\} 1$/m);
  assert.match(text, /^splitlab_inference_duration_seconds_bucket\{splitlab_segment="head",le="\+Inf"\} 1$/m);
  assert.match(text, /^splitlab_inference_duration_seconds_count\{splitlab_segment="head"\} 1$/m);
});

test('every process says what its memory, processors and event loop do', () => {
  const registry = new Registry({});
  observeProcess(registry);
  const text = prometheusText(registry.snapshot());
  assert.ok(Number(/^process_memory_usage_bytes (\d+)$/m.exec(text)?.[1]) > 1e7, text);
  for (const name of [
    'process_cpu_time_seconds_total{cpu_mode="user"}',
    'process_uptime_seconds',
    'nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="active"}',
    'v8js_memory_heap_used_bytes{v8js_heap_space_name="old_space"}',
  ])
    assert.ok(text.includes(`\n${name} `), `${name}\n${text}`);
});

test('each metric has a name of its own in Prometheus, and a number of series that does not grow', () => {
  const names = Object.entries(metrics).map(([name, metric]) => prometheusName(name, metric));
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[a-z][a-z0-9_]*$/);
  const otel = Object.keys(metrics);
  // No name is the beginning of another, as the conventions ask.
  for (const name of otel) assert.ok(!otel.some((longer) => longer.startsWith(`${name}.`)), name);
  for (const [name, metric] of Object.entries(metrics)) assert.ok(seriesBound(metric) < 10_000, name);
});
