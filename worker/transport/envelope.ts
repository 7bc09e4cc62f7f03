import { isPlainObject } from '../../api/plain-object.ts';
import { FrameInvalid } from './errors.ts';
import type { Meta } from './frame.ts';
import type { Busy } from './receive.ts';

/** What the remote side says about its part of an exchange, in ms of its own clock. */
export interface RemoteMarks {
  readonly firstChunkMs: number;
  readonly lastChunkMs: number;
  readonly startedMs: number;
  readonly decodedMs: number;
  readonly finishedMs: number;
}

export type RequestEnvelope = {
  readonly transfer: 'Sequential' | 'Pipelined';
  readonly meta: Meta;
};

export type ReplyEnvelope = {
  readonly meta: Meta;
  readonly marks?: RemoteMarks;
  readonly decode?: Busy;
  readonly error?: { readonly name: string; readonly code: string; readonly message: string };
};

// These checks stand in the measured path, where a schema costs 0.1 ms at each side: the processor has slept meanwhile
// and its caches are cold.
const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value);
const isText = (value: unknown) => typeof value === 'string';
const isTransfer = (value: unknown) => value === 'Sequential' || value === 'Pipelined';
const numbers = <T>(...names: readonly (keyof T & string)[]) => members<T>(names.map((name) => [name, isNumber]));

const isMarks = numbers<RemoteMarks>('firstChunkMs', 'lastChunkMs', 'startedMs', 'decodedMs', 'finishedMs');
const isBusy = numbers<Busy>('startMs', 'endMs', 'activeMs');
const isError = members<NonNullable<ReplyEnvelope['error']>>([
  ['name', isText],
  ['code', isText],
  ['message', isText],
]);
const isRequest = members<RequestEnvelope>([
  ['transfer', isTransfer],
  ['meta', isPlainObject],
]);
const isReply = members<ReplyEnvelope>([
  ['meta', isPlainObject],
  ['marks', optional(isMarks)],
  ['decode', optional(isBusy)],
  ['error', optional(isError)],
]);

type Check = (value: unknown) => boolean;

/** Whether a value is an object whose members all pass and that has no other. */
function members<T>(checks: readonly (readonly [name: keyof T & string, check: Check])[]) {
  const names = new Set<string>(checks.map(([name]) => name));
  return (value: unknown): value is T =>
    isPlainObject(value) &&
    checks.every(([name, check]) => check(value[name])) &&
    Object.keys(value).every((name) => names.has(name));
}

function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

/** Reads what stands around a request's own `meta`; throws {@link FrameInvalid}. */
export function readRequest(meta: Meta): RequestEnvelope {
  if (isRequest(meta)) return meta;
  throw new FrameInvalid('its meta is not that of a request');
}

/** Reads what stands around a reply's own `meta`; throws {@link FrameInvalid}. */
export function readReply(meta: Meta): ReplyEnvelope {
  if (isReply(meta)) return meta;
  throw new FrameInvalid('its meta is not that of a reply');
}

/** An error as it travels. */
export function errorOf(error: unknown): NonNullable<ReplyEnvelope['error']> {
  if (!(error instanceof Error)) return { name: 'Error', code: 'UNKNOWN', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return { name: error.name, code, message: error.message };
}
