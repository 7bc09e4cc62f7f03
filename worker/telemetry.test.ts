import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { isSampled } from './telemetry/sender.ts';

const traceIds = fc.stringMatching(/^[0-9a-f]{32}$/);

test('all are sampled at 100 percent, none at 0, and no one drops out as the share grows', () => {
  fc.assert(
    fc.property(traceIds, fc.integer({ min: 0, max: 99 }), (traceId, percent) => {
      assert.equal(isSampled(traceId, 100), true);
      assert.equal(isSampled(traceId, 0), false);
      assert.ok(!isSampled(traceId, percent) || isSampled(traceId, percent + 1));
    }),
  );
});

test('the share of sampled traces is the one asked for', () => {
  const ids = Array.from({ length: 1_000 }, (_, index) =>
    Math.floor((index * 2 ** 32) / 1_000)
      .toString(16)
      .padStart(32, '0'),
  );
  assert.equal(ids.filter((id) => isSampled(id, 25)).length, 250);
});

test('without telemetry nothing of OpenTelemetry is loaded', async () => {
  const script = `
    import { registerHooks } from 'node:module';
    registerHooks({
      resolve(name, context, next) {
        if (name.startsWith('@opentelemetry/')) console.log(name);
        return next(name, context);
      },
    });
    const { openSpanExport } = await import(${JSON.stringify(new URL('./telemetry.ts', import.meta.url).href)});
    await openSpanExport(undefined, null).close();
    console.log('done');`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  assert.equal(stdout, 'done\n');
});
