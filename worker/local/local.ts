import type { PlanMessage } from '../../api/messages/worker.ts';
import { subjects } from '../../api/subjects.ts';
import type { WorkerConfig } from '../../api/worker-config.ts';
import { openStore } from '../../store/store.ts';
import { announce } from '../announce.ts';
import { FatalError } from '../fatal.ts';
import { openFence } from '../fence.ts';
import { monotonicMs } from '../measure/now.ts';
import { visitMetrics } from '../metrics/visits.ts';
import type { Origin } from '../origin.ts';
import { workerPlaces } from '../places.ts';
import { prepareModel, preparePlan } from '../prepare.ts';
import type { WorkerContext } from '../process.ts';
import { checkProvider } from '../provider.ts';
import { type LaneTrace, tracedLane } from '../traced-lane.ts';
import { openConnection } from '../transport/connection.ts';
import { openExchange } from '../transport/exchange.ts';
import { visitUsage } from '../usage.ts';
import { runAttempt } from './attempt.ts';
import { createEvaluator } from './evaluator.ts';
import { readHistory } from './history.ts';
import type { Lane } from './lane.ts';
import { openLaneLink } from './link.ts';
import { followRemote } from './remote-worker.ts';

/** Plans the experiment, then takes every visit of its lane to a final record; returns when none is left. */
export function runLocal(context: WorkerContext<WorkerConfig>): Promise<void> {
  return tracedLane('local', context, (trace) => runVisits(context, trace));
}

async function runVisits(
  { config: given, log, logContext, signal: stopped, ready, meters }: WorkerContext<WorkerConfig>,
  { self, onStep, spans: openSpans, sending }: LaneTrace,
): Promise<void> {
  const names = subjects(given.scope);
  const { lane: laneIndex, podAttempt, nats } = given;
  const inboxPrefix = names.inbox;
  await checkProvider(given.manifest.spec.local, 'local');
  await using control = await openConnection({
    ...nats,
    inboxPrefix,
    name: `local-${laneIndex}-control`,
    signal: stopped,
    onReconnect: meters.reconnected('control'),
  });
  const subject = names.worker(laneIndex, 'local');
  const connections = [control];
  const followed = openStore(control.client, { signal: stopped });
  const fence = openFence({ store: followed, subject, podAttempt, connections, until: stopped });
  const signal = AbortSignal.any([stopped, fence.signal]);
  const store = openStore(control.client, { signal });

  const places = workerPlaces(given, { side: 'local', store, names, log, signal, onStep });
  const prepared = await prepareModel(given.manifest, given.model, places);
  const { inputs, plan } = await preparePlan(prepared, places, { decodeImages: given.model === null });
  const { experiment } = prepared;
  const config = { ...given, manifest: prepared.manifest, model: prepared.model };
  const local = { ...self, modelDigest: config.model.digest };
  await announce(local, experiment.spec, store, names);
  const message: PlanMessage = { digest: plan.digest, total: plan.visits.length, warnings: [...plan.warnings] };
  if (!(await store.createOnly(names.plan, message))) {
    throw new FatalError(
      'PlanDiffers',
      'the stored plan is another one: the model, the inputs or the tool has changed',
    );
  }
  await store.createOnly(names.manifest, config.manifest);
  ready(() => control.connected);
  log.info({ ...message }, 'planned');

  let origin: Origin | null = null;
  const at = (next: Origin | null) => {
    origin = next;
    logContext.visit(next);
  };
  const remote = followRemote(control, store, names, local, signal, () => origin);
  await using exchange = await openExchange({
    connection: control,
    up: names.evaluationUp(laneIndex),
    down: names.evaluationDown(laneIndex),
    now: monotonicMs,
  });
  await using link = openLaneLink(
    control,
    { ...nats, inboxPrefix, onReconnect: meters.reconnected('data') },
    names,
    laneIndex,
    () => origin,
  );
  const metrics = visitMetrics(meters.registry);
  const spans = openSpans(metrics.spans);
  const usage = visitUsage(local.memoryTotalBytes);
  const lane: Lane = {
    config,
    experiment,
    inputs,
    plan,
    names,
    store,
    fence,
    local,
    remote,
    link,
    usage,
    spans,
    metrics,
    log,
    at,
  };
  const evaluator = createEvaluator(lane, exchange);
  const history = await readHistory(store, names);

  const visits = async () => {
    for (const visit of plan.visits) {
      if (visit.lane !== laneIndex) continue;
      for (;;) {
        signal.throwIfAborted();
        const step = history.next(visit.visitId, experiment.spec.backoffLimit);
        if (step.step === 'Done') break;
        const record = await runAttempt(lane, evaluator, visit, step, signal);
        history.add(record);
        meters.publish();
        sending.flush();
      }
    }
  };
  const done = visits();
  // Without announcements a dead remote worker would never be known as such. Asked to stop, the visit ends first.
  const following = remote.following.catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  await Promise.race([done, following.then(() => done)]);
}
