import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTraceparent, newTrace } from '../../api/trace/context.ts';
import { runToEnd, temporaryFolder } from '../support/command.ts';
import { manifestText } from '../support/manifest.ts';
import { startOtlpReceiver } from '../support/otlp.ts';
import { assertKnown } from './check.ts';

test('a run that fails before it starts a worker tells so in its spans', { timeout: 60_000 }, async () => {
  await using folder = await temporaryFolder();
  await using receiver = await startOtlpReceiver();
  const telemetry = { endpoint: receiver.endpoints.HttpProtobuf };
  const stdin = manifestText({ model: { file: './nowhere.onnx' }, telemetry });
  const parent = newTrace(true);
  const env = { TRACEPARENT: formatTraceparent(parent) };
  const { status, stderr } = await runToEnd(['run', '-'], { folder: folder.path, stdin, env });
  assert.equal(status, 2, stderr);
  const spans = await receiver.spans();
  assertKnown(spans);
  const [root, fetch] = spans;
  assert.deepEqual([root?.name, root?.parentSpanId, fetch?.name], ['experiment', parent.spanId, 'model.fetch']);
  assert.equal(fetch?.parentSpanId, root?.spanId);
  for (const { traceId, error, resource } of spans) {
    assert.equal(traceId, parent.traceId);
    assert.match(String(error), /nowhere\.onnx/);
    assert.equal(resource['service.name'], 'splitlab');
  }
});
