import { type FollowEvent, outcomeOf } from '../../api/results/experiment.ts';
import { subjects } from '../../api/subjects.ts';
import type { Archive } from '../../store/archive.ts';
import { readRecord, scanRecords } from '../../store/results.ts';
import type { Placed, Store } from '../../store/store.ts';
import type { Clock } from '../runtime/clock.ts';
import { type ExperimentCache, type FoundExperiment, statusOf } from './experiments.ts';

export interface FollowOptions {
  readonly store: Pick<Store, 'follow'>;
  readonly archive: Archive;
  readonly cache: Pick<ExperimentCache, 'get' | 'addHandler'>;
  readonly clock: Pick<Clock, 'after'>;
  /** Records behind this place. */
  readonly after: number;
  readonly signal: AbortSignal;
}

const heartbeatMs = 15_000;
/** Records are a few kilobytes each. */
const ahead = 32;

/**
 * The records of an experiment and its status as they come, until it has ended and every record was given, or the object
 * is gone, or `signal` aborts. Nothing is queued for a slow reader but the newest status.
 */
export async function* follow(experiment: FoundExperiment, options: FollowOptions): AsyncGenerator<FollowEvent, void> {
  const { scope, metadata } = experiment;
  const names = subjects(scope);
  const stop = new AbortController();
  const until = AbortSignal.any([options.signal, stop.signal]);
  const aborted = Promise.withResolvers<'Stopped'>();
  const abort = () => aborted.resolve('Stopped');
  until.addEventListener('abort', abort, { once: true });
  let changed = Promise.withResolvers<'Changed'>();
  const change = (object: { readonly metadata: { readonly uid: string } }) => {
    if (object.metadata.uid === scope.uid) changed.resolve('Changed');
  };
  const removeHandler = options.cache.addHandler({ onUpdate: (_before, after) => change(after), onDelete: change });
  const current = () => {
    const object = options.cache.get(metadata);
    return object?.metadata.uid === scope.uid ? object : null;
  };
  const records = options.store.follow('records', names.allRecords, until, { after: options.after, ahead });
  let last = options.after;
  const take = (message: Placed): FollowEvent => {
    const { record, sequence } = readRecord(message);
    last = sequence;
    return { type: 'Record', continue: String(sequence), record };
  };
  let next: Promise<IteratorResult<Placed>> | undefined;
  let shown: string | undefined;
  try {
    while (!until.aborted) {
      changed = Promise.withResolvers();
      const object = current();
      const status = object && statusOf(object);
      const outcome = outcomeOf(status);
      if (shown !== JSON.stringify(status)) {
        shown = JSON.stringify(status);
        yield { type: 'Status', status };
      }
      if (!object || outcome) {
        for await (const { record, sequence } of scanRecords(options.archive, names, { after: last })) {
          yield { type: 'Record', continue: String(sequence), record };
        }
        return yield { type: 'End', condition: outcome };
      }
      // Back to the top for a status alone: records do not make another one.
      for (;;) {
        next ??= records.next();
        const heartbeat = Promise.withResolvers<'Heartbeat'>();
        const cancel = options.clock.after(heartbeatMs, () => heartbeat.resolve('Heartbeat'));
        const event = await Promise.race([aborted.promise, changed.promise, next, heartbeat.promise]).finally(cancel);
        if (event === 'Stopped') return;
        if (event === 'Changed') break;
        if (event === 'Heartbeat') {
          yield { type: 'Heartbeat' };
          continue;
        }
        next = undefined;
        if (event.done) return;
        yield take(event.value);
      }
    }
  } finally {
    until.removeEventListener('abort', abort);
    removeHandler();
    stop.abort();
    // A read that is under way ends with the signal.
    await next?.catch(() => {});
    await records.return(undefined);
  }
}
