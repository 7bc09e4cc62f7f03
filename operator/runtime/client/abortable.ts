/**
 * Settles as `promise` does, or rejects with the signal's reason as soon as it aborts. `late` gets what comes after that.
 * undici heeds a signal only once a connection stands: a request that waits for one would wait on.
 */
export async function abortable<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
  late: (value: Value) => void = () => {},
): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    promise.then(late, () => {});
    reject(signal.reason);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
