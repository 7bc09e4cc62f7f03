import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as proc from './proc.ts';

const status = `Name:\tnode
VmHWM:\t  120000 kB
VmRSS:\t   98304 kB
RssAnon:\t   65536 kB
RssFile:\t   30720 kB
RssShmem:\t    2048 kB
Threads:\t11
Cpus_allowed:\t10f
Cpus_allowed_list:\t0-3,8
nonvoluntary_ctxt_switches:\t7
`;

const stat = `cpu  18402 0 7931 191881 953 0 150 63 0 0
cpu0 7097 0 2707 99515 291 0 25 32 0 0
cpu1 11304 0 5224 92365 661 0 124 30 0 0
cpu10 1 0 1 1 1 0 1 900 0 0
intr 1 2 3
`;

test('memory of a process without its mapped files', () => {
  assert.equal(proc.ownMemoryBytes(status), (65536 + 2048) * 1024);
  assert.equal(proc.kilobytesField(status, 'VmHWM'), 120000 * 1024);
  assert.equal(proc.ownMemoryBytes('RssAnon:\t 1 kB\n'), null);
});

test('cores that a process may run on', () => {
  assert.equal(proc.allowedCores(status), '0-3,8');
  assert.deepEqual(proc.parseCoreList('0-3,8'), [0, 1, 2, 3, 8]);
  assert.deepEqual(proc.parseCoreList('5'), [5]);
  for (const list of ['', '1-', 'a', '1,,2', '0-3, 8']) assert.equal(proc.parseCoreList(list), null, list);
});

test('stolen time of these cores alone', () => {
  assert.equal(proc.stealSeconds(stat, [0]), 0.32);
  assert.equal(proc.stealSeconds(stat, [0, 1]), 0.62);
  assert.equal(proc.stealSeconds(stat, [0, 7]), null);
  assert.equal(proc.stealSeconds(stat, []), null);
});

test('throttling of a cgroup with and without a quota, and of the root', () => {
  const usage = 'usage_usec 5\nuser_usec 4\nsystem_usec 1\n';
  assert.equal(proc.throttledSeconds(`${usage}nr_periods 10\nnr_throttled 2\nthrottled_usec 1500000\n`), 1.5);
  assert.equal(proc.throttledSeconds('nr_periods 10\nnr_throttled 2\nthrottled_time 2500000000\n'), 2.5);
  assert.equal(proc.throttledSeconds(usage), null);
});

test('where the group of the cpu controller is, of version 1 before an empty version 2', () => {
  assert.deepEqual(proc.cpuGroups('0::/kubepods.slice/pod1\n'), ['/kubepods.slice/pod1', '']);
  assert.deepEqual(proc.cpuGroups('4:memory:/a\n3:cpuset:/c\n1:cpu:/b\n0::/\n'), ['cpu/b', 'cpu']);
  const together = '4:cpu,cpuacct:/pod\n2:cpuset:/c\n';
  assert.deepEqual(proc.cpuGroups(together), ['cpu,cpuacct/pod', 'cpu,cpuacct', 'cpu/pod', 'cpu']);
  assert.deepEqual(proc.cpuGroups('5:cpuacct,cpu:/pod\n')[0], 'cpuacct,cpu/pod');
  assert.deepEqual(proc.cpuGroups('2:cpuset:/c\n'), []);
});

test('a quota in cores, where there is one', () => {
  assert.equal(proc.cpuQuota('150000 100000\n'), 1.5);
  for (const none of ['max 100000\n', '-1 100000', ' ', '', '5']) assert.equal(proc.cpuQuota(none), null, none);
});

test('whatever the text, nothing is thrown and nothing made up', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z:\t 0-9\n-]*$/)), (text) => {
      for (const value of [
        proc.ownMemoryBytes(text),
        proc.stealSeconds(text, [0]),
        proc.throttledSeconds(text),
        proc.allowedCores(text),
      ])
        assert.equal(value, null);
    }),
  );
});
