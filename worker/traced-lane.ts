import type { Side } from '../api/subjects.ts';
import type { WorkerConfig } from '../api/worker-config.ts';
import type { Sending } from '../meters/sending.ts';
import { describeSelf, type Self } from './announce.ts';
import { laneSteps } from './lane-span.ts';
import { identityOf } from './metrics/identity.ts';
import { openMetricSending } from './metrics/send.ts';
import type { WorkerContext } from './process.ts';
import type { Step } from './steps.ts';
import { openSpanExport, type SpanExport } from './telemetry.ts';

/** What a worker has for telling of itself, from its start on. */
export interface LaneTrace {
  readonly self: Self;
  readonly onStep: (step: Step) => void;
  /** Opened when it is first asked for; `onSettled` is told how many spans arrived or were lost. */
  spans(onSettled?: (spans: number, arrived: boolean) => void): SpanExport;
  readonly sending: Sending;
}

/** Does a worker's work, and tells of it as one span with its steps however it ends, also before it announced itself. */
export async function tracedLane(
  side: Side,
  { config, log, logContext, meters, tell }: WorkerContext<WorkerConfig>,
  work: (trace: LaneTrace) => Promise<void>,
): Promise<void> {
  logContext.experiment(config);
  const steps = laneSteps(config);
  const { telemetry } = config.manifest.spec;
  const self = await describeSelf(config, side);
  meters.registry.identify(identityOf(config, self));
  const sending = openMetricSending(telemetry, meters.registry, config.binds, log);
  let opened: SpanExport | null = null;
  const spans: LaneTrace['spans'] = (onSettled) => {
    opened ??= openSpanExport(telemetry, self, config, log, onSettled);
    return opened;
  };
  let failure: unknown = null;
  try {
    await work({ self, onStep: steps.onStep, spans, sending });
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    // Only now, when there is nothing left to disturb; of a worker that was killed the other one stays the only witness.
    spans().tell(() => steps.spans(failure));
    const tally = await spans().close();
    if (tally) await tell({ spans: tally });
    meters.publish();
    await sending.close();
  }
}
