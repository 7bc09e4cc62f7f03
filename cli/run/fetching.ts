import { type FetchProgress, fetchReporter } from '../../worker/fetch/progress.ts';
import type { Io } from '../io.ts';

const quietMs = 1_000;

/** Shows how far a large download is: a line that changes on a terminal, else one every 10 s. */
export function showFetching(stderr: Io['stderr'], now: () => number): (progress: FetchProgress) => void {
  const again = stderr.isTTY ? '\r\u001b[K' : '';
  return fetchReporter({
    intervalMs: stderr.isTTY ? 500 : 10_000,
    quietMs,
    now,
    report({ name, bytes, totalBytes }) {
      const whole = totalBytes === null ? '' : ` of ${megabytes(totalBytes)}`;
      const end = !stderr.isTTY || bytes === totalBytes ? '\n' : '';
      stderr.write(`${again}fetching ${name}: ${megabytes(bytes)}${whole} MB${end}`);
    },
  });
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
