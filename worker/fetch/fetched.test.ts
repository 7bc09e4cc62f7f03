import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fetchInput, fetchModel } from './fetched.ts';
import type { FetchProgress } from './progress.ts';
import { sendFile, startFileServer } from './testing/server.ts';

const limits = { timeout: 30_000 };
const files: Readonly<Record<string, Buffer>> = {
  '/hub/net.onnx': Buffer.from('model'),
  '/hub/weights%201.bin': Buffer.from('weights'),
  '/data/cat.npy': Buffer.from('input'),
};
const sha256 = (path: string) =>
  createHash('sha256')
    .update(files[path] ?? '')
    .digest('hex');

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splitlab-fetched-'));
});
after(() => rm(folder, { recursive: true }));

async function start() {
  const server = await startFileServer((request, response) => {
    const file = files[request.url ?? ''];
    if (file) sendFile(request, response, file);
    else response.writeHead(404).end();
  });
  const source = (path: string) => ({ url: `${server.origin}${path}`, sha256: sha256(path) });
  return { server, source, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test('a model lies under its digest, its companions beside it under their names', limits, async () => {
  await using web = await start();
  const cacheFolder = join(folder, 'companions');
  const model = web.source('/hub/net.onnx');
  const alone = await fetchModel(model, null, { cacheFolder });
  assert.equal(alone, join(cacheFolder, 'fetched', model.sha256, 'net.onnx'));
  const seen: FetchProgress[] = [];
  const companions = [web.source('/hub/weights%201.bin')];
  const path = await fetchModel({ ...model, companions }, null, { cacheFolder, onProgress: (now) => seen.push(now) });
  assert.notEqual(dirname(path), dirname(alone));
  assert.deepEqual((await readdir(dirname(path))).filter((name) => !name.endsWith('.verified')).sort(), [
    'net.onnx',
    'weights 1.bin',
  ]);
  assert.equal(await readFile(join(dirname(path), 'weights 1.bin'), 'utf8'), 'weights');
  assert.deepEqual(seen.at(-1), { what: 'Model', name: 'weights 1.bin', bytes: 7, totalBytes: 7 });
});

test('headers are the files of a mounted Secret', limits, async () => {
  await using web = await start();
  const headers = join(folder, 'headers');
  await mkdir(join(headers, '..data'), { recursive: true });
  await writeFile(join(headers, 'Authorization'), 'Bearer abc\n');
  await fetchModel(web.source('/hub/net.onnx'), headers, { cacheFolder: join(folder, 'secret') });
  assert.equal(web.server.requests[0]?.headers.authorization, 'Bearer abc');
});

test('an input keeps its name, by which its kind is known', limits, async () => {
  await using web = await start();
  const path = await fetchInput(web.source('/data/cat.npy'), { cacheFolder: join(folder, 'input') });
  assert.equal(basename(path), 'cat.npy');
});

test('a mistake is led by its field', limits, async () => {
  await using web = await start();
  const fetching = { cacheFolder: join(folder, 'mistakes'), patience: { tries: 1 } };
  const model = web.source('/hub/net.onnx');
  const absent = { ...model, url: `${web.server.origin}/absent` };
  await assert.rejects(fetchModel(absent, null, fetching), {
    code: 'FetchFailed',
    message: /^spec\.model\.http: .*404/,
  });
  const other = { ...model, sha256: 'a'.repeat(64) };
  await assert.rejects(fetchInput(other, fetching), { code: 'DigestMismatch', message: /^spec\.input\.http: / });
  for (const path of ['/other/net.onnx', '/', '/%2e%2e', '/a%2Fb', '/%']) {
    const companions = [{ ...model, url: `${web.server.origin}${path}` }];
    await assert.rejects(fetchModel({ ...model, companions }, null, fetching), {
      code: 'ModelInvalid',
      message: /^spec\.model\.http\.companions: /,
    });
  }
});
