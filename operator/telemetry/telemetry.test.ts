import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { newSpanId, newTrace } from '../../api/trace/context.ts';
import { Registry } from '../../meters/registry.ts';
import { startHttpServer, startOtlpReceiver } from '../../test/support/otlp.ts';
import { silentLogger } from '../runtime/logger.ts';
import { openTelemetry } from './telemetry.ts';

const registry = new Registry({ 'service.name': 'splitlab-operator' });
const options = { instance: 'operator-0', namespace: 'splitlab', logger: silentLogger, registry };

test('a span arrives under the name that others know it by, in the trace of its parent', async () => {
  await using receiver = await startOtlpReceiver();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.endpoints.HttpProtobuf;
  process.env.OTEL_RESOURCE_ATTRIBUTES = 'deployment.environment.name=test';
  after(() => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    delete process.env.OTEL_RESOURCE_ATTRIBUTES;
  });
  const environment = { ...process.env, POD_NAME: 'operator-0', OTEL_METRICS_EXPORTER: 'none' };
  const telemetry = await openTelemetry({ ...options, environment });
  const experiment = newTrace(true);
  const pass = { ...experiment, spanId: newSpanId() };
  const times = { startTimeMs: 1_700_000_000_000.25, endTimeMs: 1_700_000_000_001 };
  telemetry.tracing.tell({ ...times, name: 'experiment', context: experiment, parent: null, attributes: { a: 1 } });
  telemetry.tracing.tell({
    ...times,
    name: 'reconcile',
    context: pass,
    parent: experiment,
    attributes: {},
    error: 'no',
  });
  const unseen = { ...newTrace(false) };
  const dropped = { ...unseen, spanId: newSpanId() };
  telemetry.tracing.tell({ ...times, name: 'reconcile', context: dropped, parent: unseen, attributes: {} });
  await telemetry.close();

  const spans = await receiver.spans();
  assert.deepEqual(
    spans.map(({ name, traceId, spanId, parentSpanId }) => ({ name, traceId, spanId, parentSpanId })),
    [
      { name: 'experiment', traceId: experiment.traceId, spanId: experiment.spanId, parentSpanId: '' },
      { name: 'reconcile', traceId: pass.traceId, spanId: pass.spanId, parentSpanId: experiment.spanId },
    ],
  );
  const [root] = spans;
  assert.deepEqual([root?.startNs, root?.endNs], [1_700_000_000_000_250_000n, 1_700_000_000_001_000_000n]);
  assert.equal(root?.attributes.a, 1);
  assert.equal(root?.resource['service.name'], 'splitlab-operator');
  assert.equal(root?.resource['k8s.pod.name'], 'operator-0');
  assert.equal(root?.resource['deployment.environment.name'], 'test');
});

test('where no endpoint is named, nothing of the SDK is loaded', async () => {
  const module = JSON.stringify(new URL('./telemetry.ts', import.meta.url).href);
  const script = `
    const { registerHooks } = await import('node:module');
    const loaded = [];
    registerHooks({ resolve(name, context, next) { loaded.push(name); return next(name, context); } });
    const { openTelemetry } = await import(${module});
    const telemetry = await openTelemetry({ environment: {}, instance: '', namespace: '', logger: console });
    await telemetry.close();
    process.stdout.write(loaded.filter((name) => name.includes('@opentelemetry')).join());
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  assert.equal(stdout, '');
});

test('metrics go where the variables say, at the end at the latest', async () => {
  const paths: string[] = [];
  await using server = await startHttpServer(async (path, body, response) => {
    paths.push(path);
    assert.ok(body.includes('splitlab.operator.queue.depth') && body.includes('splitlab-operator'));
    response.writeHead(200).end();
  });
  const endpoint = `${server.url}/v1/metrics`;
  process.env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT = endpoint;
  after(() => delete process.env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT);
  registry.set('splitlab.operator.queue.depth', {}, 3);
  const environment = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint };
  await (await openTelemetry({ ...options, environment })).close();
  assert.deepEqual(paths, ['/v1/metrics']);
});
