import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { SessionClosedError, SessionCrashedError } from './errors.ts';
import { hostThread } from './thread-host.ts';

const request = { kind: 'run', value: { feeds: [] } } as const;

/** A thread that does what `script` says with each message, `port` being its way back. */
const thread = (script: string) =>
  new Worker(
    `const { parentPort: port } = require('node:worker_threads'); port.on('message', (message) => { ${script} });`,
    {
      eval: true,
    },
  );

const end = (worker: Worker) => void worker.terminate();

test('a thread that throws rejects the request under way and all later ones, naming the cause', async () => {
  const host = hostThread(thread('throw new TypeError("out of luck");'), end);
  await assert.rejects(host.request(request), (error) => {
    assert.ok(error instanceof SessionCrashedError);
    assert.match(error.message, /out of luck/);
    assert.ok(error.cause instanceof Error);
    return true;
  });
  assert.throws(() => host.assertIdle(), SessionCrashedError);
  await assert.rejects(host.request(request), SessionCrashedError);
  await host.close();
});

test('a thread that exits by itself is a crash, its status named', async () => {
  const host = hostThread(thread('process.exit(7);'), end);
  await assert.rejects(host.request(request), /exit status 7/);
  await host.close();
});

test('a thread that runs out of memory is a crash', async () => {
  const worker = new Worker(
    "const all = []; require('node:worker_threads').parentPort.on('message', () => { for (;;) all.push([...all, 1]); });",
    { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8 } },
  );
  const host = hostThread(worker, end);
  await assert.rejects(host.request(request), /memory/);
  await host.close();
});

test('closing lets the thread answer first, refuses what comes later, and leaves the thread to others', async () => {
  const worker = thread('port.postMessage({ kind: message.kind === "close" ? "closed" : "ran" });');
  const left: Worker[] = [];
  const host = hostThread(worker, (free) => left.push(free));
  const reply = host.request(request);
  const closed = host.close();
  await assert.rejects(host.request(request), SessionClosedError);
  assert.equal((await reply).kind, 'ran');
  await closed;
  await host.close();
  assert.deepEqual(left, [worker]);

  const next = hostThread(worker, end);
  assert.equal((await next.request(request)).kind, 'ran');
  await assert.rejects(host.request(request), SessionClosedError);
  await next.close();
});

test('a thread that was ended by the signal is left to nobody', async () => {
  const worker = thread('port.postMessage({ kind: "closed" });');
  const stop = new AbortController();
  const host = hostThread(worker, () => assert.fail('left'), stop.signal);
  const closed = host.close();
  stop.abort(new Error('enough'));
  await closed;
  assert.throws(() => host.assertIdle(), /enough/);
});
