import type { Fetch, Progress } from '../observed.ts';
import type { Report } from './report.ts';

/** A worker that is connecting may be busy with a download: then that is what is to be said. */
export function fetchReport(report: Report, progress: Progress | null): Report {
  if (report.reason !== 'Connecting') return report;
  const fetch = progress?.fetches.find(({ lane, side }) => lane === report.lane && side === report.side);
  if (!fetch || (fetch.totalBytes !== null && fetch.bytes >= fetch.totalBytes)) return report;
  return { ...report, reason: 'Fetching', message: fetchMessage(fetch) };
}

function fetchMessage({ what, name, bytes, totalBytes }: Fetch): string {
  const part = `${what.toLowerCase()} ${name}: ${megabytes(bytes)}`;
  if (totalBytes === null || totalBytes === 0) return part;
  return `${part} of ${megabytes(totalBytes)} (${Math.floor((100 * bytes) / totalBytes)} %)`;
}

/** Which quarter of a download a message tells of, 0 to 4; 0 where it does not say. */
export function quarterTold(message: string): number {
  return Math.floor(Number(/\((\d+) %\)/.exec(message)?.[1] ?? 0) / 25);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
