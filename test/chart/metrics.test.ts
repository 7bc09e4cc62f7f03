import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { linkContainer, workerContainer } from '../../operator/pod/environment.ts';
import { labelKeys, managedBy } from '../../operator/pod/labels.ts';
import { desiredPod } from '../../operator/pod/pod.ts';
import { podInput, shapedLink } from '../../operator/pod/testing/inputs.ts';
import { withHelm } from './helm.ts';
import { chart, type Rendered, render } from './rendered.ts';

const { skip } = await withHelm();

const set = (...values: readonly string[]) => render(...values.flatMap((value) => ['--set', value]));

function find(objects: readonly Rendered[], kind: string, name: string): Rendered {
  return objects.find((object) => object.kind === kind && object.metadata.name === name) ?? assert.fail(`no ${name}`);
}

describe('metrics', { skip }, () => {
  test('without asking there is nothing that needs the Prometheus operator, and no annotation', async () => {
    const objects = await render();
    assert.ok(objects.every(({ apiVersion }) => !apiVersion.startsWith('monitoring.coreos.com')));
    assert.doesNotMatch(JSON.stringify(objects), /prometheus\.io|splitlab-dashboard/);
  });

  test('annotations name the port of the probes', async () => {
    const deployment = find(await set('metrics.scrapeAnnotations=true'), 'Deployment', 'splitlab-operator');
    const { annotations } = Object(deployment.spec).template.metadata;
    assert.equal(annotations['prometheus.io/scrape'], 'true');
    assert.equal(annotations['prometheus.io/path'], '/metrics');
    const [{ ports }] = Object(deployment.spec).template.spec.containers;
    assert.deepEqual(
      ports.find(({ name }: { name: string }) => name === 'health'),
      { name: 'health', containerPort: Number(annotations['prometheus.io/port']) },
    );
  });

  test('pod monitors select the operator’s pods, and those of experiments in all namespaces', async () => {
    const objects = await set('metrics.podMonitor.enabled=true,metrics.podMonitor.labels.release=prom');
    const [own, workers] = ['splitlab-operator', 'splitlab-workers'].map((name) => find(objects, 'PodMonitor', name));
    assert.equal(Object(own?.metadata.labels).release, 'prom');
    const template = Object(find(objects, 'Deployment', 'splitlab-operator').spec).template;
    const { selector, podMetricsEndpoints } = Object(own?.spec);
    for (const [key, value] of Object.entries(selector.matchLabels)) assert.equal(template.metadata.labels[key], value);
    assert.deepEqual(podMetricsEndpoints, [{ port: 'health', path: '/metrics', interval: '30s' }]);

    const { namespaceSelector, selector: ofWorkers, podMetricsEndpoints: endpoints } = Object(workers?.spec);
    assert.deepEqual(namespaceSelector, { any: true });
    assert.deepEqual(ofWorkers, { matchLabels: { [labelKeys.managedBy]: managedBy } });
    const input = podInput({ links: [shapedLink] });
    const { initContainers = [], containers = [] } = desiredPod({ ...input, side: 'local' }).spec ?? {};
    const ports = [...containers, ...initContainers].flatMap(({ name, ports = [] }) =>
      [workerContainer, linkContainer].includes(name) ? ports.map((port) => port.name) : [],
    );
    assert.deepEqual(
      endpoints.map(({ port }: { port: string }) => port),
      ports,
    );
    const alone = await set('metrics.podMonitor.enabled=true,metrics.podMonitor.workers=false');
    assert.deepEqual(
      alone.filter(({ kind }) => kind === 'PodMonitor').map(({ metadata }) => metadata.name),
      ['splitlab-operator'],
    );
  });

  test('alerts and dashboard are those of the files', async () => {
    const objects = await set('metrics.prometheusRule.enabled=true', 'metrics.dashboard.enabled=true');
    const alerts = await readFile(join(chart, 'alerts/splitlab.yaml'), 'utf8');
    assert.deepEqual(find(objects, 'PrometheusRule', 'splitlab').spec, parseYaml(alerts));
    const dashboard = find(objects, 'ConfigMap', 'splitlab-dashboard');
    assert.equal(Object(dashboard.metadata.labels).grafana_dashboard, '1');
    const file = await readFile(join(chart, 'dashboards/splitlab.json'), 'utf8');
    assert.deepEqual(JSON.parse(Object(dashboard.data)['splitlab.json']), JSON.parse(file));
  });

  test('a network policy lets in whom it is told', async () => {
    const ingress = async (...values: readonly string[]) =>
      Object(find(await set('networkPolicy.enabled=true', ...values), 'NetworkPolicy', 'splitlab-operator').spec)
        .ingress;
    assert.deepEqual(await ingress(), [{ ports: [{ port: 'results' }] }]);
    const peer = 'networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.name=monitoring';
    assert.deepEqual((await ingress(peer))[1], {
      ports: [{ port: 'health' }],
      from: [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }],
    });
  });

  test('metrics go to the receiver of telemetry unless they are not wanted', async () => {
    const text = async (...values: readonly string[]) =>
      JSON.stringify(find(await set('telemetry.endpoint=http://c:4318', ...values), 'Deployment', 'splitlab-operator'));
    assert.doesNotMatch(await text(), /OTEL_METRICS_EXPORTER/);
    assert.match(await text('telemetry.metrics=false'), /"name":"OTEL_METRICS_EXPORTER","value":"none"/);
  });
});
