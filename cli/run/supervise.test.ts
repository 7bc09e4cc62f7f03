import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ended, ProcessFailed, type Running, supervise } from './supervise.ts';

/** Processes that end when the test says so. */
function fakes() {
  const ends: ((ended: Ended) => void)[] = [];
  const started = Promise.withResolvers<void>();
  let waiting = started;
  const launch = async (start: number): Promise<Running> => {
    const { promise, resolve } = Promise.withResolvers<Ended>();
    ends.push(resolve);
    waiting.resolve();
    waiting = Promise.withResolvers<void>();
    return { pid: start, ended: promise, stop: async () => resolve({ code: null, signal: 'SIGTERM' }) };
  };
  return {
    launch,
    end: (start: number, ended: Ended) => ends[start]?.(ended),
    async launched(count: number) {
      while (ends.length < count) await waiting.promise;
    },
  };
}

const killed: Ended = { code: null, signal: 'SIGKILL' };
const base = {
  endsByItself: false,
  name: 'remote',
  logFile: 'remote.log',
  restartLimit: 2,
  onRestart: () => {},
};

test('a process that dies is replaced until it has died too often without progress', async () => {
  const processes = fakes();
  const remote = await supervise({ ...base, launch: processes.launch, progress: () => 0 });
  for (let start = 0; start < 2; start++) {
    processes.end(start, killed);
    await processes.launched(start + 2);
  }
  processes.end(2, killed);
  await assert.rejects(remote.done, (error) => error instanceof ProcessFailed && /remote\.log/.test(error.message));
});

test('progress between deaths forgives them', async () => {
  const processes = fakes();
  let progress = 0;
  const remote = await supervise({ ...base, launch: processes.launch, progress: () => progress });
  for (let start = 0; start < 6; start++) {
    progress++;
    processes.end(start, killed);
    await processes.launched(start + 2);
  }
  await remote.stop();
  await remote.done;
});

test('a fatal error ends it at once, exit status 0 without a word where it may end by itself', async () => {
  const processes = fakes();
  const fatal = { code: 'NoCuda', message: 'CUDA is not available' };
  const failing = await supervise({ ...base, launch: processes.launch, progress: () => 0 });
  processes.end(0, { code: 2, signal: null, fatal });
  await assert.rejects(failing.done, /CUDA is not available/);

  const fine = fakes();
  const done = await supervise({ ...base, endsByItself: true, launch: fine.launch, progress: () => 0 });
  fine.end(0, { code: 0, signal: null });
  await done.done;
});

test('a process that is to run all the time is replaced when it ends with status 0', async () => {
  const processes = fakes();
  const remote = await supervise({ ...base, launch: processes.launch, progress: () => 0 });
  processes.end(0, { code: 0, signal: null });
  await processes.launched(2);
  await remote.stop();
});
