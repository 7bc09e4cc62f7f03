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
  assert.equal(proc.throttledSeconds(usage), null);
});

test('the folder of a cgroup', () => {
  assert.equal(proc.cgroupFolder('0::/kubepods.slice/pod1\n'), '/kubepods.slice/pod1');
  assert.equal(proc.cgroupFolder('4:memory:/a\n1:cpu:/\n0::/\n'), '/');
  assert.equal(proc.cgroupFolder('1:cpu:/docker\n'), null);
});

test('whatever the text, nothing is thrown and nothing made up', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z:\t 0-9\n-]*$/)), (text) => {
      for (const value of [
        proc.ownMemoryBytes(text),
        proc.stealSeconds(text, [0]),
        proc.throttledSeconds(text),
        proc.cgroupFolder(text),
        proc.allowedCores(text),
      ])
        assert.equal(value, null);
    }),
  );
});
