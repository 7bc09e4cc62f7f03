import type { V1Pod } from '@kubernetes/client-node';
import type { Stored } from '../runtime/objects.ts';
import type { Wire } from '../runtime/wire.ts';

/** The parts of a pod that decisions are made from: a fifth of it, for the memory of a thousand experiments. */
export function cachedPod(pod: Stored<Wire<V1Pod>>): Stored<Wire<V1Pod>> {
  const { annotations: _, ...metadata } = pod.metadata ?? {};
  const { nodeName, containers = [] } = pod.spec ?? {};
  return {
    ...pod,
    metadata,
    spec: {
      ...(nodeName !== undefined && { nodeName }),
      containers: containers.map(({ name, resources }) => ({ name, ...(resources && { resources }) })),
    },
  };
}
