import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { openDelivery } from './delivery.ts';
import { finishedSpan } from './finished.ts';

const span = finishedSpan(
  {
    name: 'head',
    traceId: 'a',
    spanId: 'b',
    parentSpanId: null,
    startTimeMs: 1,
    endTimeMs: 2,
    side: 'local',
    attributes: {},
  },
  resourceFromAttributes({}),
);

function setUp(send: (spans: ReadableSpan[]) => Error | null) {
  const sizes: number[] = [];
  const logged: { level: string; fields: Record<string, unknown> }[] = [];
  const write = (level: string) => (fields: unknown) => logged.push({ level, fields: { ...Object(fields) } });
  const clock = { ms: 0 };
  const settled = { arrived: 0, lost: 0 };
  const exporter: SpanExporter = {
    export(spans, done) {
      sizes.push(spans.length);
      const error = send(spans);
      done(error ? { code: 1, error } : { code: 0 });
    },
    shutdown: async () => {},
  };
  const log = { info: write('info'), warn: write('warn') };
  const delivery = openDelivery(exporter, {
    endpoint: 'http://a',
    log,
    now: () => clock.ms,
    onSettled: (spans, arrived) => {
      settled[arrived ? 'arrived' : 'lost'] += spans;
    },
  });
  const add = (count: number) => {
    for (let i = 0; i < count; i++) delivery.add(span);
  };
  return { delivery, add, sizes, logged, clock, settled };
}

test('nothing is sent before it is asked for, but for full batches', () => {
  const { delivery, add, sizes } = setUp(() => null);
  add(5_000);
  assert.deepEqual(sizes, [2_048, 2_048]);
  delivery.flush();
  delivery.flush();
  assert.deepEqual(sizes, [2_048, 2_048, 904]);
});

test('close sends the rest and says how many spans arrived', async () => {
  const { delivery, add, logged } = setUp(() => null);
  add(3);
  await delivery.close();
  assert.deepEqual(logged, [{ level: 'info', fields: { endpoint: 'http://a', delivered: 3 } }]);
});

test('a receiver that fails is left alone for a while, said once, and its losses are counted', async () => {
  const refused = new Error('refused');
  let isDown = true;
  const { delivery, add, sizes, logged, clock, settled } = setUp(() => (isDown ? refused : null));
  const visit = (count: number) => {
    add(count);
    delivery.flush();
  };
  visit(10);
  clock.ms = 9_999;
  visit(20);
  assert.deepEqual(sizes, [10]);
  clock.ms = 10_000;
  visit(30);
  isDown = false;
  clock.ms = 20_000;
  visit(40);
  await delivery.close();
  assert.deepEqual(sizes, [10, 30, 40]);
  assert.deepEqual(logged, [
    { level: 'warn', fields: { endpoint: 'http://a', reason: 'refused' } },
    { level: 'warn', fields: { endpoint: 'http://a', delivered: 40, lost: 60 } },
  ]);
  assert.deepEqual(settled, { arrived: 40, lost: 60 });
});

test('an exporter that throws loses spans and nothing else', async () => {
  const { delivery, add, logged } = setUp(() => {
    throw new Error('broken');
  });
  add(1);
  await delivery.close();
  assert.deepEqual(
    logged.map(({ fields }) => fields.lost),
    [undefined, 1],
  );
});

test('close does not wait for an exporter that never ends', { timeout: 20_000 }, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const never = new Promise<void>(() => {});
  const warned: unknown[] = [];
  const log = { info() {}, warn: (fields: unknown) => warned.push(fields) };
  const delivery = openDelivery({ export() {}, shutdown: () => never }, { endpoint: 'http://a', log });
  delivery.add(span);
  const closed = delivery.close();
  t.mock.timers.tick(3_000);
  await closed;
  assert.deepEqual(warned, [{ endpoint: 'http://a', delivered: 0, lost: 1 }]);
});
