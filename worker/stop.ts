let caught: AbortSignal | undefined;

/**
 * A signal that aborts when this process is asked to stop. A main file calls it before it loads the rest: as the first
 * process of a container it would otherwise never see a SIGTERM that comes while it is loading.
 */
export function catchStop(): AbortSignal {
  if (caught) return caught;
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => stop.abort(new DOMException(`stopped by ${signal}`, 'AbortError')));
  }
  // Nobody would end this process later, and nobody waits for what it still has to say. An exit would wait for threads.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  caught = stop.signal;
  return caught;
}
