/**
 * Milliseconds of the host's monotonic clock, with its full resolution. All processes and threads of one host share it
 * (`performance.now()` starts anew in each thread), so that marks of both sides need no mapping there.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
