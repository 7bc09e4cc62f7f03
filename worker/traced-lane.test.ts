import assert from 'node:assert/strict';
import { test } from 'node:test';
import { experimentContext } from '../api/trace/identity.ts';
import { openStore } from '../store/store.ts';
import { testNatsServer, testUser } from '../test/support/nats.ts';
import { startOtlpReceiver } from '../test/support/otlp.ts';
import { laneScope, startWorkers } from './testing/lane.ts';
import { openConnection } from './transport/connection.ts';

for (const side of ['local', 'remote'] as const) {
  test(`a ${side} worker that finds no model tells so in its spans`, { timeout: 60_000 }, async () => {
    await using receiver = await startOtlpReceiver();
    await using server = await testNatsServer();
    const nats = { url: server.url, user: testUser.user, password: testUser.password };
    await using connection = await openConnection({ ...nats, name: 'test' });
    await openStore(connection.client).ensureStreams();
    await using workers = await startWorkers({
      model: { file: '/nowhere/model.onnx' },
      input: { random: { seed: 1 } },
      telemetry: { endpoint: receiver.endpoints.HttpProtobuf },
    });
    const env = { POD_NAME: `lane-0-${side}-1`, POD_UID: 'p1', NODE_NAME: 'n1', SPLITLAB_CONTAINER: 'worker' };
    const worker = await workers.start(side, nats, { podAttempt: 1, env });
    const { status, said } = await worker.ended;
    assert.equal(status, 2);
    assert.ok(said && 'fatal' in said);

    const spans = await receiver.spans();
    assert.deepEqual(spans.map(({ name }) => name).sort(), ['lane', 'model.fetch']);
    const lane = spans.find(({ name }) => name === 'lane');
    const fetch = spans.find(({ name }) => name === 'model.fetch');
    assert.ok(lane && fetch);
    const { traceId, spanId } = experimentContext(laneScope.uid);
    assert.deepEqual([lane.traceId, lane.parentSpanId, fetch.parentSpanId], [traceId, spanId, lane.spanId]);
    for (const { error, resource } of [lane, fetch]) {
      assert.match(String(error), /\/nowhere\/model\.onnx/);
      assert.equal(resource['service.name'], `splitlab-${side}`);
      assert.equal(resource['k8s.pod.name'], env.POD_NAME);
      assert.equal(resource['k8s.node.name'], env.NODE_NAME);
    }
  });
}
