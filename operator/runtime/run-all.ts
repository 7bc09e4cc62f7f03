import { LinkedAbort } from './client/linked-signal.ts';

/** Something that goes on until its signal aborts. */
export type Runnable = (signal: AbortSignal) => Promise<void>;

/**
 * Runs all until `signal` aborts. When one fails or ends before that, the others are stopped; resolves or rejects, with
 * the first failure, only when all have ended.
 */
export async function runAll(signal: AbortSignal, ...runnables: readonly Runnable[]): Promise<void> {
  using abort = new LinkedAbort(signal);
  const failures: unknown[] = [];
  const endings = runnables.map(async (run) => {
    try {
      await run(abort.signal);
    } catch (error) {
      if (!abort.signal.aborted || error !== abort.signal.reason) failures.push(error);
    } finally {
      abort.abort(new Error('another part ended'));
    }
  });
  await Promise.all(endings);
  if (failures.length > 0) throw failures[0];
}
