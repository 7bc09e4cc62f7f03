import type { AttributeTable } from '../attribute.ts';

const on = ['resource'] as const;

/** Who a span is of: OpenTelemetry's names where it has one. */
export const resourceAttributes = {
  'service.name': { type: 'string', brief: 'Which program.', example: 'splitlab-remote', on },
  'service.namespace': { type: 'string', brief: 'Always splitlab.', example: 'splitlab', on },
  'service.version': { type: 'string', brief: 'The version of the tool.', example: '1.0.0', on },
  'service.instance.id': {
    type: 'string',
    brief: 'Another with every start of the process.',
    example: '7f1f0d6c-7a80-4b2e-9a3f-2f0d3c1c9a55',
    on,
  },
  'telemetry.sdk.language': { type: 'string', brief: 'Of the OpenTelemetry SDK.', example: 'nodejs', on },
  'telemetry.sdk.name': { type: 'string', brief: 'Of the OpenTelemetry SDK.', example: 'opentelemetry', on },
  'telemetry.sdk.version': { type: 'string', brief: 'Of the OpenTelemetry SDK.', example: '3.1.0', on },
  'process.pid': { type: 'int', brief: 'In the process namespace of its container.', example: 4711, on },
  'process.runtime.name': { type: 'string', brief: 'What runs the program.', example: 'nodejs', on },
  'process.runtime.version': { type: 'string', brief: 'Its version.', example: '26.1.0', on },
  'host.name': { type: 'string', brief: 'The machine; in a cluster the node.', example: 'edge-1', on },
  'host.cpu.model.name': { type: 'string', brief: 'Its processor.', example: 'AMD EPYC 9454', on },
  'k8s.namespace.name': { type: 'string', brief: 'Of the pod.', example: 'default', on },
  'k8s.pod.name': { type: 'string', brief: 'The pod.', example: 'quickstart-0-remote-1-x7k2p', on },
  'k8s.pod.uid': { type: 'string', brief: 'Of the pod.', example: '275ecb36-5aa8-4c2a-9c47-d8bb681b9aff', on },
  'k8s.container.name': { type: 'string', brief: 'The container in the pod.', example: 'worker', on },
  'k8s.node.name': { type: 'string', brief: 'The node that the pod runs on.', example: 'edge-1', on },
  'hw.type': { type: 'string', brief: 'Always gpu, where there is one.', example: 'gpu', on },
  'hw.model': { type: 'string', brief: 'The GPU; several are of one model.', example: 'NVIDIA L4', on },
  'splitlab.gpu.count': { type: 'int', brief: 'How many GPUs the process sees.', example: 1, on },
  'splitlab.gpu.memory': {
    type: 'int',
    unit: 'bytes',
    brief: 'Memory of each GPU.',
    example: 24_152_899_584,
    on,
  },
  'splitlab.execution_provider': { type: 'string', brief: 'What ONNX Runtime computes on.', example: 'CUDA', on },
  'splitlab.lane': { type: 'int', brief: 'The lane that the worker belongs to.', example: 0, on },
  'splitlab.pod_attempt': { type: 'int', brief: 'Grows with every start of the worker.', example: 1, on },
} as const satisfies AttributeTable;
