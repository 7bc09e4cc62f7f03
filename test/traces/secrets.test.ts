import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeNpy } from '../../worker/input/npy.ts';
import { temporaryFolder } from '../support/command.ts';
import { startHttpServer } from '../support/otlp.ts';
import { tracedRun } from './run.ts';

test('no log of a run holds the token of its receiver, the password of its store, or its input', {
  timeout: 120_000,
}, async () => {
  const token = 'Bearer of-the-receiver-8f3a';
  const seen = new Set<string | undefined>();
  await using receiver = await startHttpServer(async (_path, _body, response, { authorization }) => {
    seen.add(authorization);
    // What a receiver says of a refusal is logged, with no more of the request than it says itself.
    response.writeHead(401).end();
  });
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'token'));
  await writeFile(join(folder.path, 'token', 'authorization'), token);
  const values = Float32Array.from({ length: 784 }, (_, index) => 0.7312518 + index / 1_000);
  const data = new Uint8Array(values.buffer);
  const file = join(folder.path, 'known.npy');
  await writeFile(file, encodeNpy({ type: 'float32', shape: [1, 1, 28, 28], data }));
  const run = await tracedRun(
    { endpoint: receiver.url, headersSecretRef: { name: 'token' } },
    {
      spec: { input: { file } },
      environment: { SPLITLAB_LOG_LEVEL: 'trace' },
      binds: [`secret/token=${join(folder.path, 'token')}`],
    },
  );
  assert.equal(run.status, 0, JSON.stringify(run.logs).slice(-2_000));
  assert.deepEqual([...seen], [token]);
  const start = data.subarray(0, 12);
  const tensor = [
    // As numbers, as JSON writes a buffer, and as texts of bytes; digits that single and double precision agree on.
    '0.731251',
    start.join(','),
    Buffer.from(start).toString('hex'),
    Buffer.from(start).toString('base64'),
  ];
  for (const [name, text] of Object.entries(run.logs)) {
    for (const secret of ['of-the-receiver-8f3a', run.password, ...tensor])
      assert.ok(!text.includes(secret), `${name} holds ${secret}`);
  }
  for (const name of ['local.log', 'remote.log', 'link.log']) assert.ok(run.logs[name], name);
});
