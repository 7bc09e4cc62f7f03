import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { startUsage } from './usage.ts';

async function fakeSystem(context: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'splitlab-usage-'));
  context.after(() => rm(root, { recursive: true }));
  const sources = { procFolder: join(root, 'proc'), cgroupFolder: join(root, 'cgroup') };
  await mkdir(join(sources.procFolder, 'self'), { recursive: true });
  await mkdir(join(sources.cgroupFolder, 'pod'), { recursive: true });
  const write = async (anonymousKilobytes: number, stealTicks: number, throttledMicroseconds: number) => {
    const status = `RssAnon:\t${anonymousKilobytes} kB\nRssShmem:\t1 kB\nCpus_allowed_list:\t0-1\n`;
    await writeFile(join(sources.procFolder, 'self', 'status'), status);
    await writeFile(join(sources.procFolder, 'self', 'cgroup'), '0::/pod\n');
    const core = (index: number) => `cpu${index} 1 1 1 1 1 1 1 ${stealTicks} 0 0\n`;
    await writeFile(join(sources.procFolder, 'stat'), core(0) + core(1));
    await writeFile(join(sources.cgroupFolder, 'pod', 'cpu.stat'), `throttled_usec ${throttledMicroseconds}\n`);
  };
  return { sources, write };
}

test('says what was used between start and stop, the memory by its largest sample', async (context) => {
  const { sources, write } = await fakeSystem(context);
  await write(100, 50, 1_000_000);
  using meter = startUsage(1e6, sources);
  await write(900, 60, 1_000_000);
  meter.sample();
  await write(200, 75, 3_500_000);
  const usage = meter.stop();
  assert.equal(usage.memoryPeakBytes, 901 * 1024);
  assert.equal(usage.stealSeconds, 0.5);
  assert.equal(usage.throttledSeconds, 2.5);
  assert.ok(usage.cpuSeconds >= 0 && usage.wallSeconds > 0);
  assert.ok(Math.abs(usage.cpuUtilization - usage.cpuSeconds / usage.wallSeconds / 2) < 1e-12);
});

test('a system that tells nothing leaves nulls, not zeros', () => {
  const nowhere = join(tmpdir(), 'splitlab-no-such-folder');
  using meter = startUsage(1e6, { procFolder: nowhere, cgroupFolder: nowhere });
  const usage = meter.stop();
  assert.equal(usage.memoryPeakBytes, null);
  assert.equal(usage.stealSeconds, null);
  assert.equal(usage.throttledSeconds, null);
  assert.ok(usage.cpuSeconds >= 0);
});

test('of this process: work takes CPU time, memory held is seen', { skip: process.platform !== 'linux' }, () => {
  using meter = startUsage(1e6);
  const held = new Uint8Array(64 * 1024 * 1024).fill(1);
  const before = process.cpuUsage();
  while (process.cpuUsage(before).user < 20_000) held[0] = (held[0] ?? 0) + 1;
  const usage = meter.stop();
  assert.ok(usage.cpuSeconds >= 0.02);
  assert.ok(usage.memoryPeakBytes !== null && usage.memoryPeakBytes > held.byteLength);
  assert.ok(usage.involuntarySwitches !== null && usage.involuntarySwitches >= 0);
});

const controller = '/sys/fs/cgroup/cpu';
const canLimit =
  process.getuid?.() === 0 &&
  (await access(join(controller, 'cpu.cfs_quota_us'), constants.W_OK).then(
    () => true,
    () => false,
  ));

test('a quota is seen: the time that it held back, and the share of it that was used', {
  skip: !canLimit && 'needs root and a writable cgroup of the cpu controller, version 1',
  timeout: 30_000,
}, async (context) => {
  const group = join(controller, `splitlab-test-${process.pid}`);
  await mkdir(group);
  context.after(() => rmdir(group));
  await writeFile(join(group, 'cpu.cfs_quota_us'), '20000');
  const script = `
    import { writeFileSync } from 'node:fs';
    import { startUsage } from ${JSON.stringify(new URL('./usage.ts', import.meta.url).href)};
    writeFileSync(${JSON.stringify(join(group, 'cgroup.procs'))}, String(process.pid));
    const meter = startUsage(1e6);
    const end = performance.now() + 500;
    while (performance.now() < end);
    console.log(JSON.stringify(meter.stop()));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  const usage = JSON.parse(stdout);
  assert.ok(usage.throttledSeconds > 0.1, stdout);
  assert.ok(usage.cpuUtilization > 0.5 && usage.cpuUtilization < 1.5, stdout);
});
