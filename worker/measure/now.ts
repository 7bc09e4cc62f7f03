/**
 * Milliseconds of the host's monotonic clock, with its full resolution. All processes and threads of one host share it
 * (`performance.now()` starts anew in each thread), so that marks of both sides need no mapping there.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** The wall-clock time, in milliseconds since 1970, at which `monotonicMs` stood at 0, by this moment's clocks. */
export function monotonicEpochMs(): number {
  return performance.timeOrigin + performance.now() - monotonicMs();
}
