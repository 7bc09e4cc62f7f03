import { headers, type MsgHdrs } from 'nats';
import { formatTraceparent, parseTraceparent, type TraceContext } from '../api/trace/context.ts';

/** The attempt at a visit on whose behalf a request is sent, as its headers say it. */
export interface Origin {
  readonly visitId: string;
  readonly attempt: number;
  readonly trace: TraceContext;
}

const traceHeader = 'traceparent';
const visitHeader = 'splitlab-visit';
const layout = /^([A-Za-z0-9_-]{1,64}) (\d{1,9})$/;

export function originHeaders({ visitId, attempt, trace }: Origin): MsgHdrs {
  const result = headers();
  result.set(traceHeader, formatTraceparent(trace));
  result.set(visitHeader, `${visitId} ${attempt}`);
  return result;
}

/** Reads {@link originHeaders}; null where they are not there or make no sense, which is no reason to refuse a request. */
export function readOrigin(from: MsgHdrs | undefined): Origin | null {
  const trace = parseTraceparent(from?.get(traceHeader) ?? '');
  const [, visitId, attempt] = layout.exec(from?.get(visitHeader) ?? '') ?? [];
  return trace && visitId !== undefined ? { visitId, attempt: Number(attempt), trace } : null;
}
