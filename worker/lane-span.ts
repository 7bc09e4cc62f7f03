import type { WorkerConfig } from '../api/worker-config.ts';
import { monotonicMs } from './measure/now.ts';
import type { SpanDescription } from './measure/spans.ts';
import { type Step, stepSpans } from './steps.ts';
import { experimentSpan } from './trace.ts';

/** What a worker does from its start to its end, for the experiment's trace. */
export interface LaneSteps {
  readonly onStep: (step: Step) => void;
  /** The span of this worker and those of its steps, now that it ends; `failure` is null where all went well. */
  spans(failure: unknown): readonly SpanDescription[];
}

export function laneSteps(config: WorkerConfig): LaneSteps {
  const steps: Step[] = [];
  const startedMs = monotonicMs();
  const { name, namespace } = config.experiment;
  const about = {
    'splitlab.experiment.name': name,
    'splitlab.experiment.namespace': namespace,
    'splitlab.experiment.uid': config.scope.uid,
  };
  return {
    onStep: (step) => void steps.push(step),
    spans(failure) {
      const experiment = experimentSpan(config);
      if (!experiment.sampled) return [];
      const error = failure !== null && { error: failure instanceof Error ? failure.message : String(failure) };
      const lane: Step = { name: 'lane', startedMs, endedMs: monotonicMs(), attributes: {}, ...error };
      const own = stepSpans(experiment, about, [lane]);
      return own.flatMap((span) => [span, ...stepSpans({ ...experiment, spanId: span.spanId }, about, steps)]);
    },
  };
}
