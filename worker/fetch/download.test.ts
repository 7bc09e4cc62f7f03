import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type DownloadOptions, download } from './download.ts';
import { sendFile, startFileServer } from './testing/server.ts';

const limits = { timeout: 30_000 };
const file = randomBytes(300_000);
const sha256 = createHash('sha256').update(file).digest('hex');
const patience = { tries: 3, delayMs: 1, maxDelayMs: 4, idleMs: 5_000 };

async function place(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-fetch-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'cache', 'model.onnx');
  const fetchFrom = (origin: string, options: Partial<DownloadOptions> = {}) =>
    download(
      { url: `${origin}/model.onnx?token=hidden`, sha256 },
      {
        path,
        headers: { 'x-token': 'secret' },
        maxBytes: 1e6,
        signal: new AbortController().signal,
        patience,
        ...options,
      },
    );
  const left = () => readdir(join(folder, 'cache')).then((names) => names.sort());
  return { path, fetchFrom, left };
}

const whole = ['model.onnx', 'model.onnx.verified'];

test('a file is fetched once, whole, with the headers that were given', limits, async (context) => {
  const { path, fetchFrom, left } = await place(context);
  await using server = await startFileServer((request, response) => sendFile(request, response, file));
  const seen: (readonly [number, number | null])[] = [];
  await fetchFrom(server.origin, { onProgress: (bytes, total) => seen.push([bytes, total]) });
  assert.deepEqual(await readFile(path), file);
  assert.deepEqual(await left(), whole);
  assert.equal(server.requests[0]?.headers['x-token'], 'secret');
  assert.deepEqual(
    [seen[0], seen.at(-1)],
    [
      [0, file.length],
      [file.length, file.length],
    ],
  );
  await fetchFrom(server.origin);
  assert.equal(server.requests.length, 1);
});

test('an answer that breaks off goes on where it ended', limits, async (context) => {
  const { path, fetchFrom, left } = await place(context);
  await using server = await startFileServer((request, response) =>
    sendFile(request, response, file, { cutAfter: 70_000 }),
  );
  await fetchFrom(server.origin);
  assert.deepEqual(await readFile(path), file);
  assert.deepEqual(await left(), whole);
  // More tries than patience allows without progress; each asks for what is missing, of the same version.
  const asked = server.requests.map(({ headers }) => [headers.range, headers['if-range']]);
  assert.equal(asked.length, 5);
  assert.deepEqual(asked[0], [undefined, undefined]);
  assert.ok(asked.slice(1).every(([range, version]) => range !== undefined && version === '"1"'));
});

test('a server that is overloaded in between loses nothing of what has come', limits, async (context) => {
  const { path, fetchFrom } = await place(context);
  let count = 0;
  await using server = await startFileServer((request, response) => {
    if (++count === 2) response.writeHead(503, { 'retry-after': '0' }).end();
    else sendFile(request, response, file, { cutAfter: 200_000 });
  });
  await fetchFrom(server.origin);
  assert.deepEqual(await readFile(path), file);
  assert.equal(server.requests[2]?.headers.range, server.requests[1]?.headers.range);
});

test('a server without ranges is asked for the whole again, and not for ever', limits, async (context) => {
  const { path, fetchFrom, left } = await place(context);
  let cuts = 1;
  await using server = await startFileServer((request, response) =>
    sendFile(request, response, file, { ranges: false, ...(cuts-- > 0 && { cutAfter: 70_000 }) }),
  );
  await fetchFrom(server.origin);
  assert.deepEqual(await readFile(path), file);
  await rm(path);
  cuts = Number.POSITIVE_INFINITY;
  await assert.rejects(fetchFrom(server.origin), { code: 'FetchFailed', message: /3 tries/ });
  // What came is parked for another time, unless the end of the connection was seen before the first byte was read.
  const others = (await left()).filter((name) => name !== '.model.onnx.parked');
  assert.deepEqual(others, ['model.onnx.verified']);
});

test('a file that changes half-way is not put together from two', limits, async (context) => {
  const { path, fetchFrom } = await place(context);
  let count = 0;
  await using server = await startFileServer((request, response) => {
    if (count++ === 0) sendFile(request, response, randomBytes(300_000), { cutAfter: 70_000, etag: '"0"' });
    else sendFile(request, response, file);
  });
  await fetchFrom(server.origin);
  assert.deepEqual(await readFile(path), file);
  assert.equal(server.requests.length, 2);
});

test('another digest is refused after one download, and leaves nothing', limits, async (context) => {
  const { fetchFrom, left } = await place(context);
  await using server = await startFileServer((request, response) => sendFile(request, response, randomBytes(1000)));
  await assert.rejects(fetchFrom(server.origin), (error: Error & { code: string }) => {
    assert.equal(error.code, 'DigestMismatch');
    assert.ok(error.message.includes(sha256) && error.message.includes('/model.onnx'));
    assert.ok(!/hidden|secret/.test(error.message));
    return true;
  });
  assert.equal(server.requests.length, 1);
  assert.deepEqual(await left(), []);
});

test('a body of unknown length that was cut unseen is fetched again, once', limits, async (context) => {
  const { fetchFrom, path } = await place(context);
  const answers = [file.subarray(0, 1000), file];
  await using server = await startFileServer((_, response) => {
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, { connection: 'close' });
    response.end(answers.shift() ?? file);
  });
  await fetchFrom(server.origin);
  assert.deepEqual(await readFile(path), file);
  await rm(path);
  answers.push(file.subarray(0, 10), file.subarray(0, 10));
  await assert.rejects(fetchFrom(server.origin), { code: 'DigestMismatch' });
});

for (const [what, listener, code, message, requests] of [
  ['404', (_, response) => response.writeHead(404).end('no'), 'FetchFailed', /answered 404; correct the URL/, 1],
  ['403', (_, response) => response.writeHead(403).end(), 'FetchFailed', /answered 403; .*headersSecretRef/, 1],
  ['503 without end', (_, response) => response.writeHead(503).end(), 'FetchFailed', /answered 503 \(3 tries\)/, 3],
  ['a hang-up', ({ socket }) => socket.destroy(), 'FetchFailed', /hang up.*3 tries/, 3],
  [
    'a redirect loop',
    ({ url }, response) => response.writeHead(302, { location: `${url}x` }).end(),
    'FetchFailed',
    /redirects more than 10 times/,
    11,
  ],
  [
    'a redirect to a file',
    (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    'FetchFailed',
    /file: is not fetched/,
    1,
  ],
  [
    'a length beyond the limit',
    (_, response) => response.writeHead(200, { 'content-length': 2e6 }).flushHeaders(),
    'FetchFailed',
    /2000000 bytes or more, and 1000000/,
    1,
  ],
  [
    'an endless body',
    (_, response) => {
      const more = () => response.write(Buffer.alloc(65_536), (error) => error ?? more());
      more();
    },
    'FetchFailed',
    /and 1000000 are taken at most/,
    1,
  ],
] as const satisfies readonly (readonly [string, RequestListener, string, RegExp, number])[]) {
  test(`refused: ${what}`, limits, async (context) => {
    const { fetchFrom } = await place(context);
    await using server = await startFileServer(listener);
    await assert.rejects(fetchFrom(server.origin), { code, message });
    assert.equal(server.requests.length, requests);
  });
}

test('a server that sends nothing any more is left for another try', limits, async (context) => {
  const { fetchFrom, path } = await place(context);
  let count = 0;
  await using server = await startFileServer((request, response) => {
    if (count++ > 0) return sendFile(request, response, file);
    response.writeHead(200, { 'content-length': file.length });
    response.write(file.subarray(0, 1000));
  });
  await fetchFrom(server.origin, { patience: { ...patience, idleMs: 200 } });
  assert.deepEqual(await readFile(path), file);
});

test('headers go to no other origin, not even by way of one', limits, async (context) => {
  const { fetchFrom, path } = await place(context);
  await using elsewhere = await startFileServer((_, response) =>
    response.writeHead(307, { location: `${first.origin}/third` }).end(),
  );
  await using first = await startFileServer((request, response) => {
    if (request.url === '/third') sendFile(request, response, file);
    else if (request.url === '/second') response.writeHead(301, { location: `${elsewhere.origin}/` }).end();
    else response.writeHead(302, { location: '/second' }).end();
  });
  await fetchFrom(first.origin);
  assert.deepEqual(await readFile(path), file);
  const tokens = [...first.requests, ...elsewhere.requests].map(({ url, headers }) => [url, headers['x-token']]);
  assert.deepEqual(tokens, [
    ['/model.onnx?token=hidden', 'secret'],
    ['/second', 'secret'],
    ['/third', undefined],
    ['/', undefined],
  ]);
});

test('a header that cannot be one is refused without its value', limits, async (context) => {
  const { fetchFrom } = await place(context);
  await assert.rejects(fetchFrom('http://127.0.0.1:1', { headers: { 'x-token': 'sec\nret' } }), (error: Error) => {
    assert.match(error.message, /x-token/);
    return !/sec\nret/.test(error.message);
  });
});

test('stopped, it leaves what it has to the next process', limits, async (context) => {
  const { fetchFrom, left, path } = await place(context);
  await using server = await startFileServer((request, response) => {
    if (request.headers.range) return sendFile(request, response, file);
    response.writeHead(200, { 'content-length': file.length });
    response.write(file.subarray(0, 100_000));
  });
  const stop = new AbortController();
  const stopped = fetchFrom(server.origin, {
    signal: stop.signal,
    onProgress: (bytes) => bytes >= 100_000 && stop.abort(new RangeError('enough')),
  });
  await assert.rejects(stopped, RangeError);
  assert.deepEqual(await left(), ['.model.onnx.parked']);
  await fetchFrom(server.origin);
  assert.deepEqual(await readFile(path), file);
  assert.equal(server.requests[1]?.headers.range, 'bytes=100000-');
  assert.deepEqual(await left(), whole);
});

test('what was left behind and is of another file costs one more download', limits, async (context) => {
  const { fetchFrom, path } = await place(context);
  await using server = await startFileServer((request, response) => sendFile(request, response, file));
  await fetchFrom(server.origin);
  await rm(path);
  await writeFile(join(path, '..', '.model.onnx.parked'), randomBytes(5000));
  await fetchFrom(server.origin);
  assert.deepEqual(await readFile(path), file);
});

test('several processes may fetch into one cache, and one that is killed is never seen', limits, async (context) => {
  const { fetchFrom, path, left } = await place(context);
  const held = Promise.withResolvers<void>();
  await using server = await startFileServer((request, response) => {
    if (!request.headers['x-token']) {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, 100_000), () => held.resolve());
    } else sendFile(request, response, file);
  });
  const script = `
    import { download } from ${JSON.stringify(import.meta.resolve('./download.ts'))};
    const options = { headers: {}, maxBytes: 1e6, signal: new AbortController().signal };
    await download({ url: ${JSON.stringify(server.origin)}, sha256: '${sha256}' }, { ...options, path: ${JSON.stringify(path)} });`;
  const other = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' });
  const exit = once(other, 'exit');
  await held.promise;
  assert.ok(!(await left()).includes('model.onnx'));
  await Promise.all([fetchFrom(server.origin), fetchFrom(server.origin)]);
  other.kill('SIGKILL');
  await exit;
  assert.deepEqual(await readFile(path), file);
  assert.deepEqual(
    (await left()).filter((name) => !name.endsWith('.partial')),
    whole,
  );
});

test('a cache that cannot be written is named', limits, async (context) => {
  const { path, fetchFrom } = await place(context);
  await writeFile(join(path, '..', '..', 'cache'), 'a file where the folder is to be');
  await assert.rejects(fetchFrom('http://127.0.0.1:1'), { code: 'CacheUnwritable', message: /SPLITLAB_CACHE/ });
});
