import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveHealth } from './health.ts';

test('alive at once, ready when the worker says so, and for as long', async () => {
  await using health = await serveHealth(0, '127.0.0.1');
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${health.port}${path}`)).status;
  assert.deepEqual([await status('/livez'), await status('/readyz'), await status('/other')], [200, 503, 404]);
  let connected = true;
  health.ready(() => connected);
  assert.equal(await status('/readyz'), 200);
  connected = false;
  assert.deepEqual([await status('/readyz'), await status('/livez')], [503, 200]);
});

test('metrics are the text that was last shown', async () => {
  await using health = await serveHealth(0, '127.0.0.1');
  const metrics = async () => {
    const answer = await fetch(`http://127.0.0.1:${health.port}/metrics`);
    return [answer.status, answer.headers.get('content-type'), await answer.text()];
  };
  assert.deepEqual(await metrics(), [200, 'text/plain', '']);
  health.show({ contentType: 'text/plain; version=0.0.4', text: 'visits 1\n' });
  assert.deepEqual(await metrics(), [200, 'text/plain; version=0.0.4', 'visits 1\n']);
});
