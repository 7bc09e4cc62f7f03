import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { answerTo, openApiServer } from '../../cli/cluster/api-server.ts';
import type { Reach } from '../../cli/cluster/ask.ts';
import { watchCommand } from '../../cli/results/watch.ts';
import { startTestApi } from '../../operator/web/testing/api.ts';
import { experimentObject, HandmadeCache, succeeded } from '../../operator/web/testing/cache.ts';
import { namesOf, openStored, recordsOf, storeVisit } from '../../operator/web/testing/lab.ts';
import { withControlPlane } from '../cluster/testing.ts';
import { testNatsServer } from '../support/nats.ts';

const { skip, plane } = await withControlPlane();

test('watching goes on at another replica where the first one left off', { skip, timeout: 60_000 }, async () => {
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  const cache = new HandmadeCache();
  const identity = { name: 'mine', uid: 'u1' };
  cache.put(experimentObject(identity, succeeded('Unknown', 'Running')));
  const [first, second] = recordsOf(2);
  assert.ok(first && second);
  await storeVisit(stored.store, namesOf('u1'), first);
  const one = await startTestApi(stored, cache);
  await using other = await startTestApi(stored, cache);
  let port = one.port;
  const server = openApiServer({ kubeconfig: plane().kubeconfig });
  const open = async (): Promise<Reach> => ({
    server,
    results: {
      send: (method, path, { signal } = {}) => {
        const headers = { authorization: 'Bearer jane', connection: 'close' };
        const sent = request({ host: '127.0.0.1', port, method, path, headers, ...(signal && { signal }) });
        sent.end();
        return answerTo(sent);
      },
    },
  });
  const lines: string[] = [];
  const write = (text: string) => {
    lines.push(text);
    if (lines.length > 1) return;
    port = other.port;
    one.stop();
    void storeVisit(stored.store, namesOf('u1'), second).then(() =>
      cache.put(experimentObject(identity, succeeded('True', 'Completed'))),
    );
  };
  let said = '';
  const io = { stdin: process.stdin, stdout: { write }, stderr: { write: (text: string) => (said += text) } };
  const signal = AbortSignal.timeout(30_000);
  assert.equal(await watchCommand(open, { namespace: 'default', name: 'mine' }, io, signal), 0);
  assert.deepEqual(
    lines.map((line) => line.split(' ')[0]),
    [first.visitId, second.visitId],
  );
  assert.match(said, /Running: it is Running\n[\s\S]*Completed: it is Completed\n$/);
  await one[Symbol.asyncDispose]();
});
