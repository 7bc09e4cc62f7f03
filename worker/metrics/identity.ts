import type { Announcement } from '../../api/messages/worker.ts';
import type { WorkerConfig } from '../../api/worker-config.ts';
import type { Attributes } from '../../meters/registry.ts';

/** Whose metrics a worker tells: the experiment is said once, and is no label of each value. */
export function identityOf(
  { experiment, scope, lane }: Pick<WorkerConfig, 'experiment' | 'scope' | 'lane'>,
  { machine, instance }: Pick<Announcement, 'machine' | 'instance'>,
): Attributes {
  return {
    'service.instance.id': instance,
    'host.name': machine.node,
    ...(machine.pod !== null && { 'k8s.pod.name': machine.pod, 'k8s.node.name': machine.node }),
    'splitlab.experiment.name': experiment.name,
    'splitlab.experiment.uid': scope.uid,
    'splitlab.lane': String(lane),
  };
}
