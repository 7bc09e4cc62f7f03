import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionOptionError } from './errors.ts';
import { backendConfigs, executionProviders, providerOfBackend } from './execution-provider.ts';

test('every provider leads with its own backend and never lists the CPU behind it', () => {
  for (const [name, provider] of Object.entries(executionProviders)) {
    const configs = backendConfigs(name, 0, []);
    assert.equal(configs[0].name, provider.backends[0]);
    assert.equal(providerOfBackend(configs[0].name), name);
    if (name !== 'CPU') assert.ok(configs.every((config) => config.name !== 'cpu'));
  }
  assert.equal(providerOfBackend('novel'), 'novel');
});

test('the device goes to every entry of a provider that has devices', () => {
  assert.deepEqual(backendConfigs('TensorRT', 1, []), [
    { name: 'tensorrt', deviceId: 1 },
    { name: 'cuda', deviceId: 1 },
  ]);
  assert.throws(() => backendConfigs('CPU', 1, []), /CPU has no choice of device/);
  assert.throws(() => backendConfigs('CUDA', -1, []), SessionOptionError);
});

test('options are parsed by their kind', () => {
  const options = [
    { name: 'preferredLayout', value: 'NHWC' },
    { name: 'enableRobustness', value: 'true' },
    { name: 'forceCpuNodeNames', value: 'a,b' },
  ];
  assert.deepEqual(backendConfigs('WebGPU', 0, options), [
    { name: 'webgpu', preferredLayout: 'NHWC', enableRobustness: true, forceCpuNodeNames: ['a', 'b'] },
  ]);
  assert.deepEqual(backendConfigs('CoreML', 0, [{ name: 'coreMlFlags', value: '16' }]), [
    { name: 'coreml', coreMlFlags: 16 },
  ]);
});

test('an option that the runtime would ignore is refused with those it takes', () => {
  const refused = (name: string, option: string, value: string, message: RegExp) =>
    assert.throws(() => backendConfigs(name, 0, [{ name: option, value }]), message);
  refused('CUDA', 'cudnn_conv_algo_search', 'DEFAULT', /CUDA takes no options/);
  refused('CPU', '__proto__', 'x', /CPU takes no options/);
  refused('WebGPU', 'layout', 'NHWC', /WebGPU takes preferredLayout/);
  refused('WebGPU', 'enableRobustness', 'yes', /"yes" is not accepted: true or false/);
  refused('CoreML', 'coreMlFlags', '1.5', /a whole number/);
  assert.throws(() => backendConfigs('Cuda', 0, []), /one of CPU, CUDA, TensorRT/);
});
