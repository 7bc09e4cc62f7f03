import { headers, type Msg, type MsgHdrs } from 'nats';
import { FrameInvalid } from './errors.ts';

/** NATS header that says which bytes of which frame a message carries. */
const chunkHeader = 'frame';
/** W3C trace context; NATS compares header names by case. */
const traceHeader = 'traceparent';

/**
 * Where a chunk belongs: bytes from `offset` on of frame `id`. `size` is the frame's size in bytes, or, unless `exact`,
 * the most that it can become; the last chunk of a frame always has the exact size.
 */
export interface ChunkPlace {
  readonly id: string;
  readonly offset: number;
  readonly size: number;
  readonly exact: boolean;
}

const placePattern = /^([A-Za-z0-9_-]{1,64}) (\d{1,15}) (<?)(\d{1,15})$/;

export function chunkHeaders(place: ChunkPlace, traceparent?: string): MsgHdrs {
  const result = headers();
  result.set(chunkHeader, `${place.id} ${place.offset} ${place.exact ? '' : '<'}${place.size}`);
  if (traceparent !== undefined) result.set(traceHeader, traceparent);
  return result;
}

/** Reads {@link chunkHeaders}; throws {@link FrameInvalid}. */
export function readChunkHeaders(from: MsgHdrs | undefined): { place: ChunkPlace; traceparent: string | undefined } {
  const text = from?.get(chunkHeader) ?? '';
  const match = placePattern.exec(text);
  if (match === null) throw new FrameInvalid(`the header ${chunkHeader} is "${text.slice(0, 100)}"`);
  const [, id = '', offset, bound, size] = match;
  const place = { id, offset: Number(offset), size: Number(size), exact: bound === '' };
  return { place, traceparent: from?.get(traceHeader) || undefined };
}

/** Bytes of a message's headers as NATS writes them (`NATS/1.0`, a line for each, an empty line). */
export function headerBytes(of: MsgHdrs): number {
  let bytes = 'NATS/1.0\r\n\r\n'.length;
  for (const key of of.keys()) for (const value of of.values(key)) bytes += `${key}: ${value}\r\n`.length;
  return bytes;
}

/** Bytes on the wire of publishing a message: `HPUB <subject> [reply] <header bytes> <total bytes>`. */
export function publishedBytes(subject: string, reply: string | undefined, header: number, payload: number): number {
  const subjects = reply === undefined ? subject : `${subject} ${reply}`;
  return `HPUB ${subjects} ${header} ${header + payload}\r\n\r\n`.length + header + payload;
}

/** Bytes on the wire of a delivered message: `HMSG <subject> <subscription> [reply] <header bytes> <total bytes>`. */
export function deliveredBytes(message: Msg): number {
  const { subject, sid, reply, data } = message;
  const header = message.headers === undefined ? 0 : headerBytes(message.headers);
  const names = reply ? `${subject} ${sid} ${reply}` : `${subject} ${sid}`;
  return `HMSG ${names} ${header} ${header + data.length}\r\n\r\n`.length + header + data.length;
}

/** Whether the server says, in place of a reply, that nobody listens to what was published. */
export function nobodyListens(message: Msg): boolean {
  return message.headers?.code === 503;
}
