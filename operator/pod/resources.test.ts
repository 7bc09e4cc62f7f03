import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPods } from './check.ts';
import { gpuTolerations } from './gpu.ts';
import { desiredPod } from './pod.ts';
import { workerAmounts } from './resources.ts';
import { podInput } from './testing/inputs.ts';

const remoteSpec = (remote: object, rest: object = {}) => podInput({ ...rest, remote }).manifest.spec;
const amountsOf = (remote: object, rest: object = {}) => workerAmounts(remoteSpec(remote, rest), 'remote');
const both = (amounts: object) => ({ limits: amounts, requests: amounts });

const cases: readonly (readonly [string, object, object])[] = [
  ['whole cores: one for each thread and one for the event loop', {}, both({ cpu: '2', memory: '512Mi' })],
  ['more threads', { threads: 4 }, both({ cpu: '5', memory: '512Mi' })],
  ['limits alone', { resources: { limits: { cpu: '500m' } } }, both({ cpu: '500m', memory: '512Mi' })],
  ['requests alone', { resources: { requests: { memory: '4Gi' } } }, both({ cpu: '2', memory: '4Gi' })],
  [
    'both, which differ',
    { resources: { requests: { cpu: 1 }, limits: { cpu: 2 } } },
    { requests: { cpu: '1', memory: '512Mi' }, limits: { cpu: '2', memory: '512Mi' } },
  ],
  ['a GPU', { executionProvider: 'CUDA' }, both({ cpu: '2', memory: '2560Mi', 'nvidia.com/gpu': '1' })],
  [
    'several',
    { executionProvider: 'CUDA', resources: { limits: { 'nvidia.com/gpu': 4 } } },
    both({ cpu: '2', memory: '2560Mi', 'nvidia.com/gpu': '4' }),
  ],
  [
    'part of one',
    { executionProvider: 'TensorRT', resources: { requests: { 'nvidia.com/mig-1g.5gb': 1 } } },
    both({ cpu: '2', memory: '4608Mi', 'nvidia.com/mig-1g.5gb': '1' }),
  ],
  [
    "another vendor's",
    { executionProvider: 'CUDA', resources: { limits: { 'amd.com/gpu': '1' } } },
    both({ cpu: '2', memory: '2560Mi', 'amd.com/gpu': '1' }),
  ],
];

for (const [what, remote, expected] of cases) {
  test(`requests and limits: ${what}`, () => assert.deepEqual(amountsOf(remote), expected));
}

test('memory grows with the model, the batch and JSON', () => {
  const memory = (rest: object) => amountsOf({}, rest).limits.memory;
  assert.equal(memory({ model: { zoo: 'VGG16' } }), '2048Mi');
  assert.equal(memory({ model: { zoo: 'VGG16' }, batchSizes: [1, 9] }), '2816Mi');
  assert.equal(memory({ model: { zoo: 'VGG16' }, batchSizes: [9], codecs: [{ type: 'Json' }] }), '5888Mi');
  assert.equal(memory({ model: { persistentVolumeClaim: { claimName: 'm', path: 'm.onnx' } } }), '3584Mi');
});

test('GPU nodes may be tainted by the name of the GPU', () => {
  const keys = (remote: object) => gpuTolerations(remoteSpec(remote).remote).map(({ key }) => key);
  assert.deepEqual(keys({}), []);
  assert.deepEqual(keys({ executionProvider: 'CUDA' }), ['nvidia.com/gpu']);
  assert.deepEqual(keys({ executionProvider: 'TensorRT', resources: { limits: { 'nvidia.com/mig-1g.5gb': 1 } } }), [
    'nvidia.com/gpu',
    'nvidia.com/mig-1g.5gb',
  ]);
  assert.deepEqual(keys({ resources: { limits: { 'gpu.intel.com/i915': 1, 'rdma/hca': 1 } } }), ['gpu.intel.com/i915']);
  const pod = desiredPod(podInput({ remote: { executionProvider: 'CUDA' } }, { side: 'remote' }));
  assert.deepEqual(pod.spec?.tolerations, [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]);
  assert.equal(pod.spec?.containers[0]?.image, 'splitlab/worker-cuda:1');
});

const wrong: readonly (readonly [object, string])[] = [
  [{ resources: { limits: { cpu: 0 } } }, 'spec.remote.resources.limits.cpu'],
  [{ resources: { limits: { gpu: 1 } } }, 'spec.remote.resources.limits.gpu'],
  [{ resources: { limits: { 'nvidia.com/gpu': '500m' } } }, 'spec.remote.resources.limits["nvidia.com/gpu"]'],
  [{ resources: { requests: { cpu: 2 }, limits: { cpu: '1500m' } } }, 'spec.remote.resources.requests.cpu'],
  [
    { resources: { requests: { 'nvidia.com/gpu': 1 }, limits: { 'nvidia.com/gpu': 2 } } },
    'spec.remote.resources.requests["nvidia.com/gpu"]',
  ],
  [{ executionProvider: 'CUDA', device: 1 }, 'spec.remote.device'],
];

for (const [remote, path] of wrong) {
  test(`refused: ${path} of ${JSON.stringify(remote)}`, () => {
    assert.deepEqual(
      checkPods(remoteSpec(remote)).map((problem) => problem.path),
      [path],
    );
  });
}
