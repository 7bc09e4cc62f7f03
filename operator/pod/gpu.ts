import type { V1Toleration } from '@kubernetes/client-node';
import type { ExecutionProvider, WorkerSpec } from '../../api/manifest/worker.ts';
import type { Wire } from '../runtime/wire.ts';
import { amountsOf } from './amounts.ts';
import type { WorkerImages } from './input.ts';

/** The image that has each execution provider; one that is not here needs an image of the user's. */
const imageOfProvider: Readonly<Partial<Record<ExecutionProvider, 'cpu' | 'cuda'>>> = {
  CPU: 'cpu',
  CUDA: 'cuda',
  TensorRT: 'cuda',
};

export const providersWithImage = Object.keys(imageOfProvider);
export const nvidiaGpu = 'nvidia.com/gpu';

/** The image of a worker, undefined where none of ours has its execution provider. */
export function imageOf(worker: WorkerSpec, images: WorkerImages): string | undefined {
  const name = imageOfProvider[worker.executionProvider];
  return name && images[name];
}

/** Whether the provider runs on NVIDIA's GPUs alone. */
export function needsNvidia({ executionProvider }: WorkerSpec): boolean {
  return imageOfProvider[executionProvider] === 'cuda';
}

/** Whole GPUs and parts of them, of any vendor: `nvidia.com/gpu`, `nvidia.com/mig-1g.5gb`, `gpu.intel.com/i915`. */
export function isGpuResource(name: string): boolean {
  return name.includes('/') && (name.includes('gpu') || name.includes('/mig-'));
}

/**
 * Taints that keep others off GPU nodes: the usual one, and those named like the resources asked for, as the
 * ExtendedResourceToleration admission plugin adds where it is on.
 */
export function gpuTolerations(worker: WorkerSpec): readonly Wire<V1Toleration>[] {
  const named = Object.keys(amountsOf(worker)).filter(isGpuResource);
  const keys = new Set([...(needsNvidia(worker) ? [nvidiaGpu] : []), ...named]);
  return [...keys].map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' }));
}
