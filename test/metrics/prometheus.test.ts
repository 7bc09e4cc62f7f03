import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Metric, seriesBound } from '../../api/telemetry/metric.ts';
import { metrics } from '../../api/telemetry/metrics.ts';
import { prometheusName } from '../../api/telemetry/prometheus-name.ts';
import { withControlPlane } from '../cluster/testing.ts';
import { eventually } from '../support/deadline.ts';
import { withPrometheus } from './programs.ts';
import { type FoundSeries, startPrometheus } from './prometheus.ts';
import { readQueries, readRules, withoutThreshold } from './rules.ts';
import { startScene } from './scene.ts';

const prometheus = await withPrometheus();
const { skip: noPlane, plane } = await withControlPlane({ crds: 'crds', controllers: true });
const skip = prometheus.skip || noPlane;
const interval = '1m';
const patienceMs = 60_000;

/** The metric that a name of Prometheus stands for. */
const byName = new Map<string, Metric>(
  Object.entries(metrics).flatMap(([name, metric]) => {
    const own = prometheusName(name, metric);
    const names =
      metric.instrument === 'Histogram' ? ['bucket', 'sum', 'count'].map((part) => `${own}_${part}`) : [own];
    return names.map((one) => [one, metric] as const);
  }),
);

describe('a real Prometheus scrapes an operator and the workers of its experiment', { skip, timeout: 300_000 }, () => {
  test('panels, alerts and the table of metrics agree with what it finds', async (context) => {
    await using scene = await startScene(plane());
    const { operator, local, remote, link } = await scene.ports();
    await using server = await startPrometheus(prometheus.programs.prometheus, {
      operator: [operator],
      workers: [local, remote, link],
    });
    const found = (query: string) =>
      eventually(patienceMs, query, async () => {
        const series = await server.query(query);
        return series.some(({ value }) => !Number.isNaN(value)) ? series : null;
      });

    await context.test('the visits are a mixture, as they were made', async () => {
      for (const verdict of ['Accepted', 'Rejected']) {
        await found(`splitlab_visits_total{splitlab_verdict="${verdict}"} > 0`);
      }
      await found('otel_sdk_exporter_span_exported_total{error_type="lost"} > 0');
      await found('splitlab_operator_visits{splitlab_visit_state="rejected"} > 0');
      const [{ value } = { value: 0 }] = await found('sum(splitlab_operator_leader)');
      assert.equal(value, 1);
    });
    for (const { title, query } of await readQueries(interval)) {
      await context.test(`panel "${title}": ${query}`, async () => void (await found(query)));
    }
    for (const { alert, expr } of await readRules()) {
      const query = withoutThreshold(expr, interval);
      await context.test(`alert ${alert}: ${query}`, async () => void (await found(query)));
    }
    await context.test('labels are those of the table, and none names an experiment', async () => {
      const series = await server.query('{job=~"operator|workers", __name__!="target_info"}');
      const own = series.filter(({ metric }) => !/^(up|scrape_)/.test(metric.__name__ ?? ''));
      assert.ok(own.length > 200, `${own.length} series`);
      for (const one of own) assertListed(one);
      const perTarget = await server.query('scrape_samples_scraped');
      context.diagnostic(perTarget.map(({ metric, value }) => `${metric.job} ${metric.instance}: ${value}`).join(', '));
      for (const { value } of perTarget) assert.ok(value < 1_500, `${value} samples`);
    });
    await context.test('who tells them is said once', async () => {
      const services = (await server.query('target_info')).map(({ metric }) => metric.service_name);
      assert.deepEqual(services.sort(), ['splitlab-link', 'splitlab-local', 'splitlab-operator', 'splitlab-remote']);
      const [info] = await server.query('target_info{service_name="splitlab-local"}');
      assert.equal(info?.metric.splitlab_experiment_name, scene.experiment);
    });
  });
});

function assertListed({ metric: labels }: FoundSeries): void {
  const { __name__: name = '', job: _job, instance: _instance, le: _le, ...own } = labels;
  const metric = byName.get(name);
  assert.ok(metric, `${name} is not in the table`);
  assert.ok(seriesBound(metric) < 10_000);
  const values = new Map(
    Object.entries(metric.attributes).map(([attribute, listed]) => [attribute.replaceAll('.', '_'), listed]),
  );
  for (const [label, value] of Object.entries(own)) {
    const listed = values.get(label);
    assert.ok(listed, `${name} has no label ${label}`);
    if (listed !== 'Process')
      assert.ok(
        listed.some((one) => String(one) === value),
        `${name}: ${label}="${value}"`,
      );
  }
}
