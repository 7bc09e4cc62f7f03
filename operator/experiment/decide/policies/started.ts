import type { Manifest } from '../../../../api/manifest/manifest.ts';
import { finding, timestamp } from '../../../../api/status/conditions.ts';
import { eventReasons } from '../../event-reasons.ts';
import { traceparentAnnotation } from '../../trace.ts';
import { openPeriod } from '../active-time.ts';
import { type Draft, lookAgain, type Policy, withConditions, withEvent, withStatus } from '../draft.ts';
import { newLane } from '../lanes.ts';
import type { Observed } from '../observed.ts';

/** How long until the store is asked again, should nobody tell that it is back. */
const storeRetryMs = 5_000;
/** Of an annotation that anybody may write. */
const shownCharacters = 80;

/**
 * Starts the experiment, or lets it go on after it was suspended: which pods there are to be stands in the status before
 * one of them is made. Without the store workers could do nothing but fail, so that the start waits for it.
 */
export const started: Policy = (observed, draft) => {
  const { spec, status, now, storeProblem } = observed;
  if (!spec.ok || status.activeSince !== undefined) return draft;
  if (storeProblem !== null) return waitForStore(observed, draft, storeProblem);
  const { manifest, digest } = spec;
  const resumed = status.startTime !== undefined;
  const begun = withStatus(
    { ...draft, status: openPeriod(draft.status, now) },
    {
      summary: { model: modelName(manifest), ...status.summary },
      startTime: status.startTime ?? timestamp(now),
      specDigest: digest,
      ...(observed.storeId !== null && { storeId: observed.storeId }),
      lanes: newLanes(observed, manifest),
    },
  );
  const told = withConditions(
    observed,
    begun,
    finding('Succeeded', 'WorkersStarting'),
    finding('ResultsStored', 'Measuring'),
    finding('Isolated', observed.isolated ? 'OwnCredentials' : 'SharedCredentials'),
  );
  const what = `${manifest.spec.lanes} ${manifest.spec.lanes === 1 ? 'lane' : 'lanes'}`;
  if (resumed) return withEvent(told, eventReasons.resumed, `goes on with ${what}`);
  return withTraceWarning(observed, withEvent(told, eventReasons.started, `the manifest is valid; ${what}`));
};

/** A trace is no reason to refuse a measurement. */
function withTraceWarning({ ignoredTraceparent }: Observed, draft: Draft): Draft {
  if (ignoredTraceparent === null) return draft;
  const found = JSON.stringify(ignoredTraceparent.slice(0, shownCharacters));
  const message = `metadata.annotations["${traceparentAnnotation}"] is ${found}, which is no W3C traceparent such as 00-<32 hex digits>-<16 hex digits>-01; the experiment has a trace of its own`;
  return withEvent(draft, eventReasons.traceparentIgnored, message, 'Warning');
}

/** What the model is called until a record says it. */
function modelName({ spec: { model } }: Manifest): string {
  const place = model.http?.url ?? model.persistentVolumeClaim?.path ?? model.image?.path ?? model.file ?? '';
  return model.zoo ?? (place.split('/').at(-1) || 'model');
}

/** Lanes that are no more keep their numbers, so that a pod of theirs is never taken for a newer one. */
function newLanes({ experiment, status }: Observed, { spec }: Manifest) {
  const earlier = status.lanes ?? [];
  const wanted = Array.from({ length: spec.lanes }, (_, lane) => newLane(experiment.name, lane, earlier[lane]));
  return [...wanted, ...earlier.slice(spec.lanes)];
}

function waitForStore(observed: Observed, draft: Draft, problem: string): Draft {
  const waiting = withConditions(
    observed,
    draft,
    finding('Succeeded', 'Pending', `The start waits for the store of results: ${problem}`),
    finding('WorkersReady', 'StoreUnavailable', problem),
    finding('ResultsStored', 'StoreUnavailable', problem),
    finding('Reconciling', 'InProgress'),
    finding('Stalled', 'NotStalled'),
  );
  return { ...lookAgain(waiting, new Date(observed.now.getTime() + storeRetryMs)), done: true };
}
