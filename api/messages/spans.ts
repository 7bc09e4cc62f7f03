import { z } from 'zod';

const count = z.int().nonnegative();

/** What became of the spans of a worker, or of all that a run started. */
export const spanTallySchema = z.strictObject({
  delivered: count,
  /** Null where sending could not even begin. */
  lost: count.nullable(),
  /** Why the first of them was lost; null where none was. */
  reason: z.string().max(500).nullable(),
});
export type SpanTally = z.infer<typeof spanTallySchema>;

/** Told by a worker to the process that started it, before it ends. */
export const spansMessageSchema = z.strictObject({ spans: spanTallySchema });

/** Both together. */
export function addTallies(a: SpanTally | null, b: SpanTally | null): SpanTally | null {
  if (a === null || b === null) return a ?? b;
  const lost = a.lost === null && b.lost === null ? null : (a.lost ?? 0) + (b.lost ?? 0);
  return { delivered: a.delivered + b.delivered, lost, reason: a.reason ?? b.reason };
}

/** What to say of spans that were lost; null where none was. */
export function describeLoss({ delivered, lost, reason }: SpanTally): string | null {
  const why = reason === null ? '' : `: ${reason}`;
  if (lost === null) return `no span was sent${why}`;
  return lost === 0 ? null : `${lost} of ${delivered + lost} spans were lost${why}`;
}
