import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeMachine, parseNvidiaSmi, sharesHost } from './machine.ts';

test('describes the machine it runs on', async () => {
  const machine = await describeMachine('CPU');
  assert.ok(machine.node && machine.cores >= 1 && machine.memoryTotalBytes > 0);
  assert.equal(machine.runtime.name, 'onnxruntime-node');
  assert.match(machine.runtime.version, /^\d+\.\d+\.\d+/);
  assert.equal(machine.gpu, null);
  assert.equal(machine.executionProvider, 'CPU');
  if (process.platform === 'linux') assert.match(machine.bootId ?? '', /^[0-9a-f-]{36}$/);
  assert.ok(sharesHost(machine, await describeMachine('CPU')));
});

test('two machines share a host when their kernels are one, whatever they are called', async () => {
  const machine = await describeMachine('CPU');
  const here = { ...machine, bootId: 'a', node: 'pod-1' };
  assert.equal(sharesHost(here, { ...here, node: 'pod-2' }), true);
  assert.equal(sharesHost(here, { ...here, bootId: 'b' }), false);
  assert.equal(sharesHost(here, { ...here, bootId: null }), false);
  assert.equal(sharesHost({ ...here, bootId: null }, { ...here, bootId: null }), true);
  assert.equal(sharesHost({ ...here, bootId: null }, { ...here, bootId: null, node: 'pod-2' }), false);
});

test('reads the list of NVIDIA GPUs', () => {
  const two = 'NVIDIA H200, 143771\nNVIDIA H200, 143771\n';
  assert.deepEqual(parseNvidiaSmi(two), { name: 'NVIDIA H200', count: 2, memoryTotalBytes: 143771 * 1024 ** 2 });
  for (const text of ['', 'No devices were found\n', 'NVIDIA H200, [N/A]\n']) assert.equal(parseNvidiaSmi(text), null);
});
