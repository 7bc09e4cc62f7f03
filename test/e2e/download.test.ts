import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { recordSchema } from '../../api/record/record.ts';
import { sendFile, startFileServer } from '../../worker/fetch/testing/server.ts';
import { zooModels } from '../../worker/zoo/models.ts';
import { dataPath } from '../../worker/zoo/samples.ts';
import { runToEnd, temporaryFolder } from '../support/command.ts';

const limits = { timeout: 120_000 };
const sha256 = zooModels.DigitsCnn.digest;

function manifest(url: string, digest = sha256): string {
  return JSON.stringify({
    apiVersion: 'splitlab.dev/v1alpha1',
    kind: 'SplitExperiment',
    metadata: { name: 'download' },
    spec: {
      model: { http: { url, sha256: digest, headersSecretRef: { name: 'token' } } },
      cuts: { maxCount: 1 },
      baselines: ['LocalOnly'],
      links: [{ name: 'bare', type: 'None' }],
      measurement: { warmup: 1, repetitions: 2, blocks: 1 },
    },
  });
}

test('a model of the web is fetched once, with the headers of a bound Secret', limits, async () => {
  await using folder = await temporaryFolder();
  const model = await readFile(dataPath('digits-cnn.onnx'));
  await using web = await startFileServer((request, response) => {
    if (request.headers.authorization !== 'Bearer abc') response.writeHead(401).end();
    else sendFile(request, response, model);
  });
  await mkdir(join(folder.path, 'token'));
  await writeFile(join(folder.path, 'token', 'Authorization'), 'Bearer abc\n');
  const env = { SPLITLAB_CACHE: join(folder.path, 'cache') };
  const run = async (url: string, digest: string, ...more: string[]) => {
    await writeFile(join(folder.path, 'run.yaml'), manifest(url, digest));
    return runToEnd(['run', 'run.yaml', ...more], { folder: folder.path, env });
  };
  const url = `${web.origin}/digits.onnx`;
  const unbound = await run(url, sha256);
  assert.equal(unbound.status, 2);
  assert.match(unbound.stderr, /spec\.model\.http\.headersSecretRef.*--bind secret\/NAME=DIR/);

  const bind = ['--bind', 'secret/token=token'];
  const done = await run(url, sha256, ...bind);
  assert.equal(done.status, 0, done.stderr);
  assert.equal(web.requests.length, 1);
  const [line = ''] = (await readFile(join(folder.path, 'splitlab-results/download/results.jsonl'), 'utf8')).split(
    '\n',
  );
  assert.equal(recordSchema.parse(JSON.parse(line)).model.name, 'digits.onnx');

  const other = await run(url, 'a'.repeat(64), ...bind);
  assert.equal(other.status, 2);
  assert.match(other.stderr, /^splitlab: spec\.model\.http: .*expected aaaa/);
  const absent = await run('http://127.0.0.1:1/x.onnx', 'b'.repeat(64), ...bind);
  assert.equal(absent.status, 3);
  assert.match(absent.stderr, /^splitlab: spec\.model\.http: http:\/\/127\.0\.0\.1:1\/x\.onnx: .*6 tries/);
  assert.ok(![unbound, done, other, absent].some(({ stderr }) => stderr.includes('abc')));
});
