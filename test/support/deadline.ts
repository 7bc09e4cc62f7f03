import { setTimeout as delay } from 'node:timers/promises';

/** Settles as `promise` does, or rejects after `ms` saying what was waited for. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = delay(ms, undefined, { signal: over.signal }).then(
    () => Promise.reject(new Error(`${what}: not within ${ms} ms`)),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}

/** Looks again and again until `look` finds something; for what the system tells nobody, such as the end of a process. */
export async function eventually<T>(ms: number, what: string, look: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await delay(20);
  }
}
