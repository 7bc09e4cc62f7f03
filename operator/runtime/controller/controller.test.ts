import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import { within } from '../../../test/support/deadline.ts';
import { Conflict, TooManyRequests } from '../client/errors.ts';
import type { Handler } from '../informer/informer.ts';
import { keyText, type Stored } from '../objects.ts';
import { controllerOwner } from '../owner.ts';
import { ItemBackoff } from '../queue/item-backoff.ts';
import { DurationHistogram } from '../queue/metrics.ts';
import { runAll } from '../run-all.ts';
import { pod } from '../testing/answers.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import type { Wire } from '../wire.ts';
import { Controller, type ControllerOptions } from './controller.ts';
import type { Outcome } from './metrics.ts';
import { type Reconciler, type Request, TerminalError } from './reconciler.ts';
import { generationChanged, requestForOwner, type Source } from './source.ts';

type Pod = Stored<Wire<V1Pod>>;

/** A source that a test drives by hand. */
function handSource() {
  const handlers = new Set<Handler<Wire<V1Pod>>>();
  const first = Promise.withResolvers<void>();
  const source: Source<Wire<V1Pod>> = {
    addHandler(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    synced: (signal) => {
      const { promise, reject } = Promise.withResolvers<void>();
      signal?.addEventListener('abort', () => reject(signal.reason));
      return Promise.race([first.promise, promise]);
    },
  };
  return {
    source,
    handlers,
    sync: () => first.resolve(),
    add: (object: Pod) => {
      for (const handler of handlers) handler.onAdd?.(object, false);
    },
    update: (old: Pod, object: Pod) => {
      for (const handler of handlers) handler.onUpdate?.(old, object);
    },
  };
}

/** A controller on a clock that stands still, whose passes are written down as they end. */
function scene(reconcile: Reconciler, options: Partial<ControllerOptions> = {}) {
  const clock = new FakeClock();
  const outcomes: Outcome[] = [];
  const passes = new EventEmitter();
  const controller = new Controller({
    name: 'test',
    reconcile,
    clock,
    backoff: new ItemBackoff({ firstMs: 100, random: () => 1 }),
    metrics: {
      depth() {},
      queueDuration() {},
      workDuration() {},
      retry() {},
      reconciled(outcome) {
        outcomes.push(outcome);
        passes.emit('pass');
      },
    },
    ...options,
  });
  const abort = new AbortController();
  const run = () => controller.run(abort.signal);
  const ended = async (count: number): Promise<void> => {
    const wait = async (): Promise<void> => {
      while (outcomes.length < count) await once(passes, 'pass');
    };
    await within(5000, `${count} passes`, wait());
  };
  return { clock, controller, abort, run, outcomes, ended };
}

const a: Request = { namespace: 'default', name: 'a' };
const subject = { verb: 'update', resource: 'pods', name: 'default/a' };
const failure = (status: number, retryAfterMs: number | null = null) => ({
  status,
  reason: '',
  message: '',
  causes: [],
  retryAfterMs,
});

test('no more objects at once than asked for, and never one object twice', async () => {
  let running = 0;
  let most = 0;
  const busy = new Set<string>();
  const { controller, run, ended, abort } = scene(
    async (request) => {
      const name = keyText(request);
      assert.ok(!busy.has(name), `${name} twice at once`);
      busy.add(name);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      busy.delete(name);
      return undefined;
    },
    { concurrency: 3 },
  );
  const done = run();
  for (let i = 0; i < 60; i++) {
    controller.enqueue({ namespace: 'default', name: `p${i % 6}` });
    if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await ended(6);
  abort.abort();
  await within(2000, 'the controller stops', done);
  assert.equal(most, 3);
});

test('work begins when every source has its first list, and what they held is looked at', async () => {
  const seen: string[] = [];
  const it = scene(async ({ name }) => void seen.push(name));
  const [one, two] = [handSource(), handSource()];
  it.controller.watch(one.source).watch(two.source);
  const done = it.run();
  one.add(pod('a', 1));
  one.sync();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(seen, []);
  two.sync();
  await it.ended(1);
  assert.deepEqual(seen, ['a']);
  it.abort.abort();
  await done;
  assert.equal(one.handlers.size, 0);
});

test('an abort while waiting for the sources ends at once', async () => {
  const it = scene(async () => undefined);
  it.controller.watch(handSource().source);
  const done = it.run();
  it.abort.abort();
  await within(2000, 'the controller stops', done);
});

test('changes of owned objects lead to their owners, of both states; predicates leave out what does not matter', async () => {
  const seen: string[] = [];
  const it = scene(async ({ name }) => void seen.push(name), { concurrency: 1 });
  const { source, sync, add, update } = handSource();
  it.controller.watch(source, {
    requests: requestForOwner({ kind: 'Pod', group: '' }),
    when: (object, old) => generationChanged(object, old),
  });
  sync();
  const done = it.run();
  const ownedBy = (owner: string, generation: number): Pod =>
    pod('child', 2, { metadata: { generation, ownerReferences: [controllerOwner(pod(owner, 1))] } });
  add(pod('orphan', 1));
  update(ownedBy('a', 1), ownedBy('b', 2));
  update(ownedBy('c', 2), ownedBy('d', 2));
  await it.ended(2);
  assert.deepEqual(seen, ['a', 'b']);
  it.abort.abort();
  await done;
});

test('a failure comes back after growing pauses, a success ends them, whatever is thrown', async () => {
  const throwing: (() => never)[] = [
    () => {
      throw new Error('one');
    },
    () => {
      throw 'not even an error';
    },
  ];
  const it = scene(async () => {
    throwing.shift()?.();
    return undefined;
  });
  it.controller.enqueue(a);
  const done = it.run();
  await it.ended(1);
  await it.clock.advance(99);
  assert.equal(it.outcomes.length, 1);
  await it.clock.advance(1);
  await it.ended(2);
  await it.clock.advance(200);
  await it.ended(3);
  assert.deepEqual(it.outcomes, ['Error', 'Error', 'Success']);
  it.abort.abort();
  await done;
});

test('a reconciler that throws before its first await harms nobody', async () => {
  const it = scene(() => {
    throw new Error('at once');
  });
  it.controller.enqueue(a);
  const done = it.run();
  await it.ended(1);
  assert.deepEqual(it.outcomes, ['Error']);
  it.abort.abort();
  await done;
});

test('conflicts come back quietly, terminal errors not at all, Retry-After is kept to', async () => {
  const errors = [
    new Conflict(subject, failure(409)),
    new TooManyRequests(subject, failure(429, 5000)),
    new TerminalError('hopeless'),
  ];
  const logged: string[] = [];
  const write = (level: string) => (_: object, message: string) => void logged.push(`${level}: ${message}`);
  const it = scene(
    async () => {
      throw errors.shift();
    },
    { logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') } },
  );
  it.controller.enqueue(a);
  const done = it.run();
  await it.ended(1);
  await it.clock.advance(100);
  await it.ended(2);
  await it.clock.advance(4999);
  assert.equal(it.outcomes.length, 2);
  await it.clock.advance(1);
  await it.ended(3);
  await it.clock.advance(1_000_000);
  assert.deepEqual(it.outcomes, ['Conflict', 'Error', 'TerminalError']);
  assert.deepEqual(
    logged.map((line) => line.split(':', 1)[0]),
    ['debug', 'error', 'error'],
  );
  it.abort.abort();
  await done;
});

test('requeueAfterMs comes back at its time', async () => {
  const it = scene(async () => ({ requeueAfterMs: 10_000 }));
  it.controller.enqueue(a);
  const done = it.run();
  await it.ended(1);
  await it.clock.advance(10_000);
  await it.ended(2);
  it.abort.abort();
  await done;
  assert.deepEqual(it.outcomes, ['RequeueAfter', 'RequeueAfter']);
  assert.equal(it.clock.waiting, 0);
});

test('stopping aborts the passes that run, waits for them, and names those that do not end', async () => {
  const heard = Promise.withResolvers<void>();
  const it = scene(async (_, signal) => {
    signal.addEventListener('abort', () => heard.resolve());
    it.abort.abort();
    await heard.promise;
    signal.throwIfAborted();
    return undefined;
  });
  it.controller.enqueue(a);
  await within(2000, 'the controller stops', it.run());
  assert.deepEqual(it.outcomes, ['Stopped']);
  const release = Promise.withResolvers<undefined>();
  const stuck = scene(() => release.promise, { stopTimeoutMs: 1000 });
  stuck.controller.enqueue(a);
  const done = stuck.run();
  await new Promise((resolve) => setImmediate(resolve));
  stuck.abort.abort();
  const rejected = assert.rejects(done, { code: 'ControllerStuck', message: /still reconciling default\/a/ });
  await stuck.clock.advance(1000);
  await rejected;
  release.resolve(undefined);
});

test('a pass that takes too long is told to end, and tried again', async () => {
  const it = scene(
    async (_, signal) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(signal.reason));
      return await promise;
    },
    { timeoutMs: 500 },
  );
  it.controller.enqueue(a);
  const done = it.run();
  await new Promise((resolve) => setImmediate(resolve));
  await it.clock.advance(500);
  await it.ended(1);
  assert.deepEqual(it.outcomes, ['Error']);
  it.abort.abort();
  await done;
});

test('parts that run together end together, with the first failure', async () => {
  const ended: string[] = [];
  const waits = (name: string) => async (signal: AbortSignal) => {
    await once(signal, 'abort');
    ended.push(name);
  };
  const failing = runAll(new AbortController().signal, waits('a'), waits('b'), () =>
    Promise.reject(new Error('broken')),
  );
  await assert.rejects(failing, /broken/);
  assert.deepEqual(ended, ['a', 'b']);
  const abort = new AbortController();
  const stopped = runAll(abort.signal, waits('c'));
  abort.abort();
  await stopped;
});

test('a quantile is off by no more than a bucket', () => {
  const histogram = new DurationHistogram();
  assert.equal(histogram.quantile(0.99), null);
  for (let ms = 1; ms <= 1000; ms++) histogram.observe(ms);
  const p99 = histogram.quantile(0.99) ?? 0;
  assert.ok(p99 >= 990 && p99 <= 990 * 1.1, `${p99}`);
});
