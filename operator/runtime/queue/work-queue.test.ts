import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../testing/fake-clock.ts';
import { ItemBackoff } from './item-backoff.ts';
import { QueueStatistics } from './metrics.ts';
import { WorkQueue } from './work-queue.ts';

const key = (item: string): string => item;

type Step =
  | { readonly do: 'get' }
  | { readonly do: 'add'; readonly item: string }
  | { readonly do: 'addAfter'; readonly item: string; readonly ms: number }
  | { readonly do: 'done'; readonly which: number }
  | { readonly do: 'advance'; readonly ms: number };

const item = fc.constantFrom('a', 'b', 'c', 'd');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), item }),
  fc.record({ do: fc.constant('addAfter' as const), item, ms: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ do: fc.constant('get' as const) }),
  fc.record({ do: fc.constant('done' as const), which: fc.nat(10) }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 60 }) }),
);

test('whatever happens, no item is with two workers, none waits twice, and every addition is followed by work', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = new FakeClock();
      const queue = new WorkQueue<string>({ key, clock });
      const working: string[] = [];
      /** Items that were added and have not been handed out since. */
      const owed = new Set<string>();
      /** When items are owed in future. */
      const later: { item: string; atMs: number }[] = [];
      const take = async (): Promise<void> => {
        const abort = new AbortController();
        const got = queue.get(abort.signal);
        abort.abort();
        const taken = await got;
        if (taken === null) return;
        assert.ok(!working.includes(taken), `${taken} is with two workers`);
        assert.ok(owed.delete(taken), `${taken} was handed out and nobody added it`);
        working.push(taken);
      };
      const ripen = (): void => {
        for (const { item } of later.filter(({ atMs }) => atMs <= clock.monotonic())) owed.add(item);
        later.splice(0, later.length, ...later.filter(({ atMs }) => atMs > clock.monotonic()));
      };
      for (const one of steps) {
        if (one.do === 'add') {
          queue.add(one.item);
          owed.add(one.item);
        } else if (one.do === 'addAfter') {
          queue.addAfter(one.item, one.ms);
          const atMs = clock.monotonic() + one.ms;
          const waiting = later.find(({ item }) => item === one.item);
          if (one.ms === 0) owed.add(one.item);
          else if (!waiting) later.push({ item: one.item, atMs });
          else if (atMs < waiting.atMs) later.splice(later.indexOf(waiting), 1, { item: one.item, atMs });
        } else if (one.do === 'get') await take();
        else if (one.do === 'done' && working.length > 0) {
          for (const done of working.splice(one.which % working.length, 1)) queue.done(done);
        } else if (one.do === 'advance') {
          // In steps of a millisecond: an item may ripen twice within one advance, and is owed once.
          for (let i = 0; i < one.ms; i++) {
            await clock.advance(1);
            ripen();
          }
        }
        assert.equal(queue.depth, owed.size, 'what waits is what is owed');
      }
      await clock.advance(200);
      ripen();
      for (const done of working.splice(0)) queue.done(done);
      for (let left = owed.size; left > 0; left--) {
        await take();
        for (const done of working.splice(0)) queue.done(done);
      }
      assert.equal(owed.size, 0, 'something was lost');
      assert.equal(queue.depth, 0);
    }),
    { numRuns: 60 },
  );
});

test('an item added while a worker has it comes back once, after the worker is done', async () => {
  const queue = new WorkQueue({ key });
  queue.add('a');
  assert.equal(await queue.get(), 'a');
  queue.add('a');
  queue.add('a');
  const next = queue.get();
  queue.add('b');
  assert.equal(await next, 'b');
  const again = queue.get();
  queue.done('a');
  assert.equal(await again, 'a');
  assert.equal(queue.depth, 0);
});

test('of several times the earliest counts', async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({ key, clock });
  for (const ms of [500, 100, 300]) queue.addAfter('a', ms);
  await clock.advance(99);
  assert.equal(queue.depth, 0);
  await clock.advance(1);
  assert.equal(await queue.get(), 'a');
  queue.done('a');
  await clock.advance(1000);
  assert.equal(queue.depth, 0);
  assert.equal(clock.waiting, 0);
});

test('each item has its own backoff, which ends when it is forgotten', async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({
    key,
    clock,
    backoff: new ItemBackoff({ firstMs: 10, longestMs: 35, random: () => 1 }),
  });
  const delayOf = async (item: string): Promise<number> => {
    queue.addRateLimited(item);
    const ms = clock.nextMs ?? Number.NaN;
    await clock.advance(ms);
    assert.equal(await queue.get(), item);
    queue.done(item);
    return ms;
  };
  assert.deepEqual([await delayOf('a'), await delayOf('a'), await delayOf('a'), await delayOf('a')], [10, 20, 35, 35]);
  assert.equal(await delayOf('b'), 10);
  assert.equal(queue.failures('a'), 4);
  queue.forget('a');
  assert.equal(await delayOf('a'), 10);
});

test('shutting down hands out what is ready, drops what waits for its time and ends when the last worker is done', async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({ key, clock });
  queue.add('a');
  queue.add('b');
  queue.addAfter('later', 1000);
  assert.equal(await queue.get(), 'a');
  queue.shutdown();
  queue.add('c');
  assert.equal(clock.waiting, 0);
  let drained = false;
  const end = queue.drained().then(() => {
    drained = true;
  });
  assert.equal(await queue.get(), 'b');
  assert.equal(await queue.get(), null);
  queue.done('b');
  await Promise.resolve();
  assert.equal(drained, false);
  queue.done('a');
  await end;
});

test('those who wait are served in order; one who gives up takes nothing along', async () => {
  const queue = new WorkQueue({ key });
  const abort = new AbortController();
  const first = queue.get(abort.signal);
  const second = queue.get();
  abort.abort();
  assert.equal(await first, null);
  queue.add('a');
  assert.equal(await second, 'a');
  const third = queue.get();
  queue.shutdown();
  assert.equal(await third, null);
});

test('a full queue refuses new keys and takes known ones', () => {
  const queue = new WorkQueue({ key, capacity: 2, clock: new FakeClock() });
  queue.add('a');
  queue.addAfter('b', 10);
  queue.add('a');
  queue.addAfter('b', 5);
  assert.throws(() => queue.add('c'), { code: 'QueueFull' });
});

test('depth, waiting time, working time and retries are told', async () => {
  const clock = new FakeClock();
  const metrics = new QueueStatistics();
  const queue = new WorkQueue({ key, clock, metrics });
  queue.add('a');
  queue.add('b');
  assert.equal(metrics.items, 2);
  await clock.advance(64);
  await queue.get();
  await clock.advance(16);
  queue.done('a');
  queue.addRateLimited('a');
  assert.deepEqual([metrics.items, metrics.retries], [1, 1]);
  assert.equal(metrics.queueDurations.quantile(0.99), 64);
  assert.equal(metrics.workDurations.quantile(0.5), 16);
});
