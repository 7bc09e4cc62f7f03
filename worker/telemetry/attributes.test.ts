import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Announcement, announcementSchema } from '../../api/messages/worker.ts';
import { resourceOf } from './attributes.ts';

const early = {
  side: 'remote',
  lane: 1,
  podAttempt: 2,
  instance: 'i',
  toolVersion: '0',
  modelDigest: 'sha256:0',
  bootId: null,
  runtime: { name: 'onnxruntime-node', version: '1' },
  machine: {
    node: 'edge-1',
    pod: null,
    podAttempt: 2,
    cpuModel: null,
    cores: 2,
    cpuset: null,
    executionProvider: 'CPU',
    gpu: null,
    threads: 1,
  },
  podUid: null,
  memoryTotalBytes: null,
};

test('an announcement of before it told of its process is still one', () => {
  const { attributes } = resourceOf(announcementSchema.parse(early));
  assert.equal(attributes['service.name'], 'splitlab-remote');
  assert.equal(attributes['host.name'], 'edge-1');
  assert.ok(Object.keys(attributes).every((name) => !/^(k8s|hw|process)\./.test(name)));
});

test('a worker in a pod with a GPU is named by pod, node, namespace, container and GPU', () => {
  const gpu = { name: 'NVIDIA L4', count: 2, memoryTotalBytes: 24e9 };
  const announcement: Announcement = {
    ...announcementSchema.parse(early),
    machine: { ...announcementSchema.parse(early).machine, pod: 'p-1', gpu },
    podUid: 'u-1',
    kubernetes: { namespace: 'lab', container: 'worker' },
    process: { pid: 7, nodeVersion: '26.0.0' },
  };
  const { attributes } = resourceOf(announcement);
  const expected = {
    'k8s.pod.name': 'p-1',
    'k8s.pod.uid': 'u-1',
    'k8s.node.name': 'edge-1',
    'k8s.namespace.name': 'lab',
    'k8s.container.name': 'worker',
    'hw.type': 'gpu',
    'hw.model': 'NVIDIA L4',
    'splitlab.gpu.count': 2,
    'splitlab.gpu.memory': 24e9,
    'process.pid': 7,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': '26.0.0',
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(attributes[name], value, name);
});
