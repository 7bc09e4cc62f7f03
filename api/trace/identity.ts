import { createHash } from 'node:crypto';
import type { TraceContext } from './context.ts';

/**
 * The span that stands for a whole experiment. It follows from the UID alone, so that the operator, the command and all
 * workers name the same one without asking each other; with `parent` it lies in the trace of that span.
 */
export function experimentContext(uid: string, parent: TraceContext | null = null): TraceContext {
  const own = derived('experiment', uid);
  return parent ? { ...own, traceId: parent.traceId, sampled: parent.sampled } : own;
}

/** The span that stands for one attempt at a visit: the root of a trace of its own. */
export function visitContext(uid: string, visitId: string, attempt: number): TraceContext {
  return derived('visit', uid, visitId, String(attempt));
}

function derived(...parts: readonly string[]): TraceContext {
  const digest = createHash('sha256').update(parts.join('\n')).digest('hex');
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48), sampled: true };
}
