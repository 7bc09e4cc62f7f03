import type { FetchMessage } from '../../api/messages/fetch.ts';

/** How far the download of one file is. */
export type FetchProgress = Omit<FetchMessage, 'at'>;

export interface ReporterOptions {
  readonly intervalMs: number;
  /** Downloads that are done sooner are not worth a word. */
  readonly quietMs: number;
  readonly now: () => number;
  readonly report: (progress: FetchProgress) => void;
}

/** Thins out the progress of downloads: of each file a first report, one an interval, and a last one when it is whole. */
export function fetchReporter({
  intervalMs,
  quietMs,
  now,
  report,
}: ReporterOptions): (progress: FetchProgress) => void {
  const files = new Map<string, { readonly startedMs: number; reportedMs: number | null }>();
  return (progress) => {
    const key = `${progress.what} ${progress.name}`;
    const file = files.get(key) ?? { startedMs: now(), reportedMs: null };
    files.set(key, file);
    const whole = progress.bytes === progress.totalBytes;
    const due = file.reportedMs === null ? now() - file.startedMs >= quietMs : now() - file.reportedMs >= intervalMs;
    if (!due && !(whole && file.reportedMs !== null)) return;
    file.reportedMs = now();
    report(progress);
  };
}
