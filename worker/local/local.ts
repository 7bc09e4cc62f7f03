import type { PlanMessage } from '../../api/messages/worker.ts';
import { subjects } from '../../api/subjects.ts';
import type { WorkerConfig } from '../../api/worker-config.ts';
import { openStore } from '../../store/store.ts';
import { announce } from '../announce.ts';
import { openExperiment, openExperimentInputs } from '../experiment.ts';
import { FatalError } from '../fatal.ts';
import { monotonicMs } from '../measure/now.ts';
import { planExperiment } from '../plan.ts';
import { prepareConfig } from '../prepared.ts';
import type { WorkerContext } from '../process.ts';
import { checkProvider } from '../provider.ts';
import { openSpanExport } from '../telemetry.ts';
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
export async function runLocal({ config: given, log, signal, ready }: WorkerContext<WorkerConfig>): Promise<void> {
  const config = await prepareConfig(given);
  const names = subjects(config.scope);
  const { lane: laneIndex } = config;
  const experiment = await openExperiment(config.manifest, config.model.path);
  const inputs = await openExperimentInputs(experiment, config);
  await checkProvider(experiment.spec.local, 'local');
  const plan = await planExperiment(experiment, inputs, config.model.digest);

  await using control = await openConnection({ ...config.nats, name: `local-${laneIndex}-control`, signal });
  const store = openStore(control.client, { signal });
  const local = await announce(config, 'local');
  await store.append(names.worker(laneIndex, 'local'), local);
  const message: PlanMessage = { digest: plan.digest, total: plan.visits.length, warnings: [...plan.warnings] };
  if (!(await store.createOnly(names.plan, message))) {
    throw new FatalError(
      'PlanDiffers',
      'the stored plan is another one: the model, the inputs or the tool has changed',
    );
  }
  ready(() => control.connected);
  log.info({ ...message }, 'planned');

  const remote = followRemote(control, store, names, laneIndex, signal);
  await using exchange = await openExchange({
    connection: control,
    up: names.evaluationUp(laneIndex),
    down: names.evaluationDown(laneIndex),
    now: monotonicMs,
  });
  await using link = openLaneLink(control, config.nats, names, laneIndex);
  const spans = openSpanExport(experiment.spec.telemetry, local, log);
  const usage = visitUsage(local.memoryTotalBytes);
  const lane: Lane = { config, experiment, inputs, plan, names, store, local, remote, link, usage, spans, log };
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
      }
    }
  };
  try {
    const done = visits();
    // Without announcements a dead remote worker would never be known as such. Asked to stop, the visit ends first.
    const following = remote.following.catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    await Promise.race([done, following.then(() => done)]);
  } finally {
    await spans.close();
  }
}
