import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHealthServer } from './health.ts';

test('alive at once, ready when it says so, gone with the signal', async () => {
  const stop = new AbortController();
  let ready = false;
  const { port, closed } = await startHealthServer(0, () => ready, stop.signal);
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  try {
    assert.deepEqual([await status('/livez'), await status('/readyz'), await status('/')], [200, 503, 404]);
    ready = true;
    assert.equal(await status('/readyz?verbose'), 200);
  } finally {
    stop.abort();
    await closed;
  }
  await assert.rejects(status('/livez'));
});

test('a page at its path', async () => {
  const stop = new AbortController();
  let asked = 0;
  const page = { contentType: 'text/plain; version=0.0.4', text: () => `asked ${++asked}\n` };
  const { port, closed } = await startHealthServer(0, () => true, stop.signal, { '/metrics': page });
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.equal(answer.headers.get('content-type'), page.contentType);
    assert.equal(await answer.text(), 'asked 1\n');
    assert.equal((await fetch(`http://127.0.0.1:${port}/constructor`)).status, 404);
  } finally {
    stop.abort();
    await closed;
  }
});
