import { RecordUnreadable, StoreUnavailable } from '../../store/errors.ts';
import { Conflict, NotFound } from '../runtime/client/errors.ts';
import type { Reconciler } from '../runtime/controller/reconciler.ts';
import { splitExperiments } from '../runtime/resources.ts';
import { apply } from './apply/apply.ts';
import { type ReconcilerContext, scopeOf } from './context.ts';
import { type Decision, decide } from './decide/decide.ts';
import { type Gathered, gather } from './gather/gather.ts';
import { readResults } from './gather/results.ts';
import { type Pass, tellExperiment, tellPass } from './pass/tell.ts';
import { notingWrites } from './pass/writes.ts';

/** Reconciles one experiment: gather what is there, decide, apply. */
export function experimentReconciler(context: ReconcilerContext): Reconciler {
  return async (request, signal) => {
    const { clock } = context;
    const begun = { wallMs: clock.wall().getTime(), monotonicMs: clock.monotonic() };
    const gathered = gather(context, request);
    if (!gathered) return undefined;
    const decision = await decideWithResults(context, gathered);
    const { writes, ...noting } = notingWrites(context.client, context.recorder);
    let failure: unknown = null;
    try {
      const requeueAfterMs = await apply({ ...context, ...noting }, gathered, decision, signal);
      return requeueAfterMs === null ? {} : { requeueAfterMs };
    } catch (error) {
      // Deleted meanwhile: the informer is about to say so, and what it owned is collected.
      if (error instanceof NotFound && error.subject.resource === splitExperiments.plural) return undefined;
      failure = error;
      throw error;
    } finally {
      tell(context, gathered, {
        status: decision.status,
        writes,
        startTimeMs: begun.wallMs,
        endTimeMs: begun.wallMs + clock.monotonic() - begun.monotonicMs,
        // An older state is looked at again, and a pass that was stopped failed at nothing.
        failure: failure instanceof Error && !(failure instanceof Conflict) && !signal.aborted ? failure : null,
      });
    }
  };
}

/** Tells of a pass and, when it brought the experiment to its end, of the experiment. */
function tell(
  context: ReconcilerContext,
  { object, observed, trace }: Gathered,
  rest: Omit<Pass, 'experiment' | 'trace'>,
): void {
  const pass: Pass = { experiment: observed.experiment, trace, ...rest };
  tellPass(context, pass);
  const ends = observed.status.completionTime === undefined && rest.status.completionTime !== undefined;
  const wrote = rest.writes.changed.some((name) => name.endsWith('/status'));
  if (ends && wrote) tellExperiment(context, object, rest.status);
}

/** For a spec that cannot be read any more; its records are still counted. */
const unreadable = { objectives: ['LatencyP50'] as const, links: [], backoffLimit: 0 };

/** Most decisions need no results; one that ends the experiment asks for them, and is made again. */
async function decideWithResults(context: ReconcilerContext, { observed }: Gathered): Promise<Decision> {
  const decision = decide(observed);
  if (!decision.readResults) return decision;
  const { objectives, links, backoffLimit } = observed.spec.ok ? observed.spec.manifest.spec : unreadable;
  const scope = scopeOf(context, observed.experiment);
  try {
    const results = await readResults(context.archive, { scope, objectives, links, backoffLimit });
    return decide({ ...observed, results });
  } catch (error) {
    if (!(error instanceof StoreUnavailable || error instanceof RecordUnreadable)) throw error;
    return decide({ ...observed, storeProblem: error.message });
  }
}
