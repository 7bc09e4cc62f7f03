import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { findTaskset, pinnedCommand, pinningPlan } from './pin.ts';

test('with cores enough each process has its own', () => {
  assert.deepEqual(pinningPlan([0, 2, 4, 6, 8], 1, 2), {
    unpinned: null,
    local: [0],
    remote: [2, 4],
    link: [6],
  });
});

test('with fewer cores nothing is pinned, and why', () => {
  const plan = pinningPlan([0, 1], 1, 1);
  assert.equal(plan.unpinned, '2 cores for 4 threads that compute or carry data: processes stay unpinned');
});

test('no core is given out twice', () => {
  const threads = fc.integer({ min: 1, max: 8 });
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(255), { maxLength: 24 }), threads, threads, (cores, local, remote) => {
      const plan = pinningPlan(cores, local, remote);
      if (plan.unpinned !== null) return assert.ok(cores.length < local + remote + 2);
      const given = [...plan.local, ...plan.remote, ...plan.link];
      assert.equal(new Set(given).size, local + remote + 1);
      assert.ok(given.every((core) => cores.includes(core)));
      assert.equal(plan.local.length, local);
      assert.equal(plan.remote.length, remote);
    }),
  );
});

test('without taskset or cores the command stays as it was', async () => {
  const left = pinnedCommand('node', ['a.ts'], [0], null);
  assert.deepEqual([left.command, left.args], ['node', ['a.ts']]);
  assert.match(left.unpinned ?? '', /taskset is not on PATH/);
  assert.match(pinnedCommand('node', [], [], '/usr/bin/taskset').unpinned ?? '', /no cores/);
  assert.equal(await findTaskset('/nowhere::/dev/null'), null);
});

test('a pinned process runs on its cores alone, under its own identifier', async (context) => {
  const taskset = await findTaskset(process.env.PATH ?? '');
  if (process.platform !== 'linux' || !taskset) return context.skip('needs Linux with taskset');
  const script = 'console.log(require("node:fs").readFileSync("/proc/self/status", "utf8"), process.pid)';
  const { command, args, unpinned } = pinnedCommand(process.execPath, ['-e', script], [0], taskset);
  assert.equal(unpinned, null);
  const running = promisify(execFile)(command, [...args]);
  const { stdout } = await running;
  assert.match(stdout, /^Cpus_allowed_list:\t0$/m);
  assert.ok(stdout.trim().endsWith(String(running.child.pid)));
});
