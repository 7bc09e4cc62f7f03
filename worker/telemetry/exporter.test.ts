import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { startHttpServer, startOtlpReceiver, startSilentServer } from '../../test/support/otlp.ts';
import type { SpanDescription } from '../measure/spans.ts';
import { openDelivery } from './delivery.ts';
import { openExporter } from './exporter.ts';
import { finishedSpan } from './finished.ts';

const protocols = ['HttpProtobuf', 'Grpc'] as const;
const description = {
  name: 'head',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  startTimeMs: 1_700_000_000_010.25,
  endTimeMs: 1_700_000_000_012.5,
  side: 'local',
  attributes: { 'splitlab.side': 'local', 'splitlab.repetition': 12, 'splitlab.ms': 0.5, 'splitlab.clipped': true },
} as const satisfies SpanDescription;
const span = finishedSpan(description, resourceFromAttributes({ 'service.name': 'splitlab-local' }));

async function deliver(endpoint: string, protocol: (typeof protocols)[number], count: number): Promise<unknown[]> {
  const logged: unknown[] = [];
  const log = { info: (fields: unknown) => logged.push(fields), warn: (fields: unknown) => logged.push(fields) };
  const reject = (spans: number, reason: string) => delivery.reject(spans, reason);
  const exporter = await openExporter({ endpoint, protocol, samplePercent: 100 }, log, reject);
  const delivery = openDelivery(exporter, { endpoint, log });
  for (let i = 0; i < count; i++) delivery.add(span);
  await delivery.close();
  return logged;
}

for (const protocol of protocols) {
  test(`a receiver has every span as it was described (${protocol})`, async () => {
    await using receiver = await startOtlpReceiver();
    const endpoint = receiver.endpoints[protocol];
    assert.deepEqual(await deliver(endpoint, protocol, 5_000), [{ endpoint, delivered: 5_000 }]);
    const spans = await receiver.spans();
    assert.equal(spans.length, 5_000);
    const { traceId, spanId, parentSpanId, name, attributes } = description;
    assert.deepEqual(spans[0], {
      traceId,
      spanId,
      parentSpanId,
      name,
      attributes,
      startNs: 1_700_000_000_010_250_000n,
      endNs: 1_700_000_000_012_500_000n,
      resource: { 'service.name': 'splitlab-local' },
      links: [],
    });
  });
}

test('a slash at the end of the endpoint changes nothing', async () => {
  await using receiver = await startOtlpReceiver();
  await deliver(`${receiver.endpoints.HttpProtobuf}/`, 'HttpProtobuf', 1);
  assert.equal((await receiver.spans()).length, 1);
});

for (const status of [400, 503]) {
  test(`a receiver that answers ${status} loses spans, and close returns`, { timeout: 60_000 }, async () => {
    await using server = await startHttpServer(async (_path, _body, response) => void response.writeHead(status).end());
    const [failure, end] = await deliver(server.url, 'HttpProtobuf', 3);
    assert.match(Object(failure).reason, new RegExp(`${status}`));
    assert.deepEqual(end, { endpoint: server.url, delivered: 0, lost: 3 });
  });
}

for (const protocol of protocols) {
  test(`a receiver that never answers loses spans, and close returns (${protocol})`, { timeout: 60_000 }, async () => {
    await using server = await startSilentServer();
    const logged = await deliver(server.url, protocol, 3);
    assert.deepEqual(logged.at(-1), { endpoint: server.url, delivered: 0, lost: 3 });
  });
}

test('spans that a receiver refuses while it takes others are in the log', async () => {
  // ExportTraceServiceResponse {partial_success: {rejected_spans: 2, error_message: "full"}}
  const answer = Buffer.from([0x0a, 8, 0x08, 2, 0x12, 4, ...Buffer.from('full')]);
  await using server = await startHttpServer(async (_path, _body, response) => void response.end(answer));
  const logged = await deliver(server.url, 'HttpProtobuf', 3);
  assert.match(JSON.stringify(logged[0]), /"spans":2,"reason":"the receiver rejected some: full"/);
  assert.deepEqual(logged.at(-1), { endpoint: server.url, delivered: 1, lost: 2 });
});
