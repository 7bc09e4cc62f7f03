import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { segmentNames } from '../../api/record/record.ts';
import { leftNothing, runToEnd, startCommand, temporaryFolder } from '../support/command.ts';
import { eventually } from '../support/deadline.ts';
import { manifestText } from '../support/manifest.ts';
import { csvOf, recordsOf } from '../support/results.ts';

for (const transfer of ['Sequential', 'Pipelined'] as const) {
  test(`the waterfall of an inference is its line of samples.csv (${transfer})`, { timeout: 180_000 }, async () => {
    await using folder = await temporaryFolder();
    const output = join(folder.path, 'splitlab-results', 'small');
    const at = transfer === 'Pipelined' ? 'Remote' : 'Local';
    const stdin = manifestText({
      transfer,
      input: { sample: 'Digits' },
      baselines: ['LocalOnly', 'RemoteSource', 'RemotePixels', 'RemoteTensor'],
      output: { at },
    });
    const run = await runToEnd(['run', '-', '--output', output], { folder: folder.path, stdin });
    assert.equal(run.status, 0, run.stderr);
    const [, named = ''] = /: npx splitlab trace ([0-9a-f]{32}) --output .*small$/m.exec(run.stdout) ?? [];
    const records = await recordsOf(output);
    const { rows } = await csvOf(join(output, 'samples.csv'));
    for (const record of records.filter(({ block }) => block === 0)) {
      const of = (option: string[]) =>
        runToEnd(['trace', record.visitId, '--json', ...option, '--output', output], { folder: folder.path });
      const [median, slowest] = [await of([]), await of(['--slowest'])];
      assert.equal(JSON.parse(slowest.stdout).traceId, record.traces?.slowest);
      const shown = JSON.parse(median.stdout);
      assert.equal(shown.traceId, record.traces?.median);
      const row = rows.find(({ traceId }) => traceId === shown.traceId);
      const present = segmentNames.filter((name) => row?.[`${name}Ms`] != null);
      assert.deepEqual(
        Object.fromEntries(shown.rows.map((one: { name: string; lengthMs: number }) => [one.name, one.lengthMs])),
        Object.fromEntries(present.map((name) => [name, Number(row?.[`${name}Ms`])])),
      );
      let endMs = 0;
      for (const { startMs, lengthMs } of shown.rows) {
        assert.equal(startMs, endMs);
        endMs += lengthMs;
      }
      assert.ok(Math.abs(endMs - shown.totalMs) < 1e-6);
      const place = shown.rows.find(({ name }: { name: string }) => name === 'postprocess')?.side;
      assert.equal(place, record.cut.kind === 'LocalOnly' ? 'local' : at.toLowerCase());
      const remotely = shown.rows.filter(({ side }: { side: string }) => side === 'remote').length;
      assert.equal(remotely > 0, record.cut.kind !== 'LocalOnly');
    }
    // The newest run is the one that is meant, and the beginning of an id is enough.
    const best = await runToEnd(['trace', 'best'], { folder: folder.path });
    assert.equal(best.status, 0, best.stderr);
    const [, id = ''] = /^trace ([0-9a-f]{32})$/m.exec(best.stdout) ?? [];
    assert.equal(id, named);
    assert.ok(rows.some(({ traceId }) => traceId === id));
    const short = await runToEnd(['trace', id.slice(0, 12)], { folder: folder.path });
    assert.equal(short.stdout, best.stdout);
    for (const line of best.stdout.split('\n')) assert.ok(line.length <= 80, line);
    assert.ok(!best.stdout.includes('\u001b'));
  });
}

test('a run that goes on is asked, one that broke off is resumed first', { timeout: 180_000 }, async () => {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'out');
  const trace = (...args: string[]) => runToEnd(['trace', ...args, '--output', output], { folder: folder.path });
  const missing = await trace('best');
  assert.deepEqual([missing.status, missing.stdout], [2, '']);
  assert.match(missing.stderr, /there is no run in .*out: give its folder with --output DIR/);

  const measurement = { warmup: 1, repetitions: 3, blocks: 500 };
  const options = { folder: folder.path, stdin: manifestText({ measurement }) };
  const run = startCommand(['run', '-', '--output', output], options);
  const found = await eventually(60_000, 'a first visit', async () => {
    const shown = await trace('best', '--json');
    return shown.status === 0 ? shown : null;
  });
  assert.equal(JSON.parse(found.stdout).verdict.result, 'Accepted');
  run.child.kill('SIGINT');
  assert.equal((await run.finished).status, 130);
  await leftNothing(output);
  // What is stored was written when it was interrupted.
  const after = await trace(JSON.parse(found.stdout).traceId);
  assert.equal(after.status, 0, after.stderr);
});
