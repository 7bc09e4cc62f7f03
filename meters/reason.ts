/** Characters of a reason at most: a receiver may say anything. */
export const longestReason = 500;
/** What the exporter says of an answer that asks to try again: not which. */
const retriesSpent = 'Export failed with retryable status';

/** What a receiver or a socket said, with its status; what else an answer holds stays out of logs. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, longestReason);
  const code = 'code' in error && error.code !== undefined ? ` (${error.code})` : '';
  // Of several addresses that were tried Node's error has no message of its own.
  const [first] = error instanceof AggregateError ? error.errors : [];
  if (error.message === retriesSpent) return 'the receiver is overloaded or not ready (429, 502, 503 or 504)';
  const message = error.message || (first instanceof Error ? first.message : error.name);
  return `${message}${message.includes(code.trim()) ? '' : code}`.slice(0, longestReason);
}
