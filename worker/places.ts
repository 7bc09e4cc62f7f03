import type { Logger } from 'pino';
import type { FetchMessage } from '../api/messages/fetch.ts';
import type { Side, subjects } from '../api/subjects.ts';
import type { WorkerConfig } from '../api/worker-config.ts';
import type { Store } from '../store/store.ts';
import { cacheFolder } from './cache.ts';
import { fetchReporter } from './fetch/progress.ts';
import { monotonicMs } from './measure/now.ts';
import type { Places } from './resolve.ts';

const intervalMs = 10_000;
const quietMs = 1_000;

/** Where a worker looks for model and inputs; how far a large download is goes to the store. */
export function workerPlaces(
  { folder, binds, lane }: WorkerConfig,
  {
    side,
    store,
    names,
    log,
    signal,
    onStep,
  }: {
    readonly side: Side;
    readonly store: Store;
    readonly names: ReturnType<typeof subjects>;
    readonly log: Logger;
    readonly signal: AbortSignal;
    readonly onStep?: Places['onStep'];
  },
): Places {
  const report = (progress: Omit<FetchMessage, 'at'>) => {
    const message: FetchMessage = { ...progress, at: new Date().toISOString() };
    log.info(message, 'fetching');
    // Nothing that a download depends on.
    store.append(names.fetch(lane, side), message).catch((error: unknown) => log.warn({ err: error }, 'not reported'));
  };
  const onProgress = fetchReporter({ intervalMs, quietMs, now: monotonicMs, report });
  return { folder, binds, cacheFolder: cacheFolder(), signal, onProgress, onStep };
}
