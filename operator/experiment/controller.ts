import type { V1Pod } from '@kubernetes/client-node';
import { kind } from '../../api/manifest/manifest.ts';
import { Controller } from '../runtime/controller/controller.ts';
import { type ControllerMetrics, toBoth } from '../runtime/controller/metrics.ts';
import { requestForOwner } from '../runtime/controller/source.ts';
import type { Informer } from '../runtime/informer/informer.ts';
import { keyOf, type Stored } from '../runtime/objects.ts';
import { controllerOf } from '../runtime/owner.ts';
import { QueueStatistics } from '../runtime/queue/metrics.ts';
import { type SplitExperimentObject, splitExperiments } from '../runtime/resources.ts';
import type { Wire } from '../runtime/wire.ts';
import type { ReconcilerContext } from './context.ts';
import { Followers } from './gather/followers.ts';
import { Memories } from './memory.ts';
import { experimentReconciler } from './reconcile.ts';

export interface ExperimentControllerOptions
  extends Omit<ReconcilerContext, 'experiments' | 'pods' | 'followers' | 'memories' | 'enqueue'> {
  readonly experiments: Informer<SplitExperimentObject>;
  readonly pods: Informer<Wire<V1Pod>>;
  readonly store: ConstructorParameters<typeof Followers>[0]['store'];
  /** Calls the handler when the store comes or goes; `emptied`: it came back without what it held. */
  readonly onStoreChange: (handler: (emptied: boolean) => void) => void;
  readonly concurrency: number;
  readonly metrics?: ControllerMetrics;
}

/** Works on all experiments until `signal` aborts; what it began to follow is dropped then. */
export async function runExperimentController(
  options: ExperimentControllerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { experiments, pods, store, archive, clock, logger, concurrency } = options;
  const followers = new Followers({ store, archive, clock, logger, signal });
  const memories = new Memories();
  const statistics = new QueueStatistics();
  const context: ReconcilerContext = {
    ...options,
    followers,
    memories,
    enqueue: (request, afterMs) => controller.enqueue(request, afterMs),
  };
  const controller = new Controller({
    name: 'experiment',
    reconcile: experimentReconciler(context),
    concurrency,
    clock,
    logger,
    metrics: options.metrics ? toBoth(statistics, options.metrics) : statistics,
  })
    .watch(experiments)
    .watch(pods, { requests: requestForOwner({ kind, group: splitExperiments.group }) });
  const deaf = [
    experiments.addHandler({
      onDelete({ metadata: { uid } }) {
        followers.drop(uid);
        memories.drop(uid);
      },
    }),
    pods.addHandler({
      onAdd: (pod) => memories.podSeen(ownerUid(pod), pod),
      onUpdate: (_, pod) => memories.podSeen(ownerUid(pod), pod),
      onDelete: (pod) => memories.podGone(ownerUid(pod), pod),
    }),
  ];
  options.onStoreChange((emptied) => {
    if (signal.aborted) return;
    if (emptied) {
      followers.dropAll();
      memories.storeEmptied();
    }
    for (const experiment of experiments.list()) controller.enqueue(keyOf(experiment));
  });
  try {
    await controller.run(signal);
  } finally {
    for (const stopListening of deaf) stopListening();
    await followers.ended();
    const { queueDurations, workDurations } = statistics;
    const waits = { p50: queueDurations.quantile(0.5), p99: queueDurations.quantile(0.99) };
    const works = { p50: workDurations.quantile(0.5), p99: workDurations.quantile(0.99) };
    logger.info({ passes: workDurations.count, queueWaitMs: waits, workMs: works }, 'the controller has ended');
  }
}

function ownerUid(pod: Stored<Wire<V1Pod>>): string {
  return controllerOf(pod)?.uid ?? '';
}
