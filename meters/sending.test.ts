import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHttpServer, startOtlpReceiver } from '../test/support/otlp.ts';
import { openMetricExporter } from './exporter.ts';
import { Registry } from './registry.ts';
import { openSending } from './sending.ts';

function filled(): Registry {
  const registry = new Registry({ 'service.name': 'splitlab-test' });
  registry.add('splitlab.nats.reconnects', { 'splitlab.nats.connection': 'data' }, 2);
  registry.set('splitlab.operator.queue.depth', {}, 1);
  registry.record('splitlab.inference.duration', { 'splitlab.segment': 'head' }, 0.02);
  return registry;
}

function listener() {
  const said: string[] = [];
  const say = (_fields: object, message: string) => void said.push(message);
  return { said, log: { info: say, warn: say } };
}

test('the registry arrives over OTLP, as often as allowed and once more at the end', async () => {
  const bodies: Buffer[] = [];
  await using server = await startHttpServer(async (path, body, response) => {
    assert.equal(path, '/v1/metrics');
    bodies.push(body);
    response.writeHead(200).end();
  });
  const { said, log } = listener();
  const exporter = await openMetricExporter({ protocol: 'HttpProtobuf', endpoint: server.url, timeoutMillis: 5_000 });
  let nowMs = 0;
  const sending = openSending(filled(), exporter, { log, atLeastMs: 1_000, closeTimeoutMs: 5_000, now: () => nowMs });
  sending.flush();
  nowMs = 999;
  sending.flush();
  await sending.close();
  assert.equal(bodies.length, 2);
  for (const text of bodies.map((body) => body.toString('latin1'))) {
    for (const expected of ['splitlab-test', 'splitlab.nats.reconnects', 'splitlab.inference.duration', 'head', 'data'])
      assert.ok(text.includes(expected), expected);
  }
  assert.deepEqual(said, []);
});

for (const protocol of ['HttpProtobuf', 'Grpc'] as const) {
  test(`a receiver of traces alone is asked once, over ${protocol}`, async () => {
    await using receiver = await startOtlpReceiver();
    const { said, log } = listener();
    const exporter = await openMetricExporter({ protocol, endpoint: receiver.endpoints[protocol] });
    let nowMs = 0;
    const sending = openSending(filled(), exporter, { log, atLeastMs: 0, closeTimeoutMs: 5_000, now: () => nowMs });
    sending.flush();
    // The pause after a failure is over: only a refusal keeps it from being asked again.
    nowMs = 1e9;
    await sending.close();
    assert.deepEqual(said, ['the receiver of telemetry takes no metrics: none are sent']);
  });
}

test('a receiver that is away is said once, and holds the end up no longer than allowed', async () => {
  const endpoint = await (async () => {
    await using server = await startHttpServer(async () => {});
    return server.url;
  })();
  const { said, log } = listener();
  const exporter = await openMetricExporter({ protocol: 'HttpProtobuf', endpoint, timeoutMillis: 500 });
  const sending = openSending(filled(), exporter, { log, atLeastMs: 0, closeTimeoutMs: 2_000 });
  sending.flush();
  await sending.close();
  assert.deepEqual(said, ['metrics cannot be sent']);
});
