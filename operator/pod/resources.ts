import type { Spec } from '../../api/manifest/spec.ts';
import type { Side } from '../../api/subjects.ts';
import { type Amounts, amountsOf, settle } from './amounts.ts';
import { isGpuResource, needsNvidia, nvidiaGpu } from './gpu.ts';
import { workerMemory } from './memory.ts';

/**
 * What a worker asks for. Its cores are whole, so that the kubelet's static policy can give them to it alone: one for
 * each thread of inference and one for the event loop, which encodes and carries tensors and collects garbage.
 */
export function workerAmounts(spec: Spec, side: Side, hasClaims = false): Amounts {
  const worker = spec[side];
  const namesGpu = hasClaims || Object.keys(amountsOf(worker)).some(isGpuResource);
  return settle(worker.resources ?? {}, {
    cpu: String(worker.threads + 1),
    memory: workerMemory(spec, side),
    ...(needsNvidia(worker) && !namesGpu && { [nvidiaGpu]: '1' }),
  });
}

/** A core of its own, since lateness of the link is lateness of every tensor; memory for 64 MiB waiting each way. */
export const linkDefaults = { cpu: '1', memory: '512Mi' } as const;

/** For containers of a template that say nothing: enough for a helper, and the pod stays Guaranteed. */
export const guestDefaults = { cpu: '100m', memory: '128Mi' } as const;
