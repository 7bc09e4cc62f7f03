import { randomBytes } from 'node:crypto';

/** Where a span stands in its trace, as W3C Trace Context carries it. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all 0. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, not all 0. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const zeros = /^0+$/;
const layout = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** A header value (https://www.w3.org/TR/trace-context/#traceparent-header), version 00. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** Reads a header value, also of later versions; null where it is malformed, as the standard asks to start anew then. */
export function parseTraceparent(value: string): TraceContext | null {
  const [, version, traceId, spanId, flags, rest] = value.match(layout) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  if (zeros.test(traceId) || zeros.test(spanId) || (version === '00' && rest !== undefined)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** A new trace with its root span. */
export function newTrace(sampled: boolean): TraceContext {
  return { traceId: newId(16), spanId: newSpanId(), sampled };
}

/** An identifier for a span within a trace. */
export function newSpanId(): string {
  return newId(8);
}

function newId(bytes: number): string {
  const id = randomBytes(bytes).toString('hex');
  return zeros.test(id) ? newId(bytes) : id;
}
