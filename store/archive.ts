import { type DirectStreamAPI, type JetStreamManager, jetstream, type StoredMsg } from '@nats-io/jetstream';
import { errors, type NatsConnection } from 'nats';
import { z } from 'zod';
import { streams } from '../api/subjects.ts';
import { StoreUnavailable } from './errors.ts';
import type { Placed, StreamName } from './store.ts';

export interface PageOptions {
  /** Only what stands behind this place; default 0: from the beginning. */
  readonly after?: number;
  /** Most messages of a page; default 256. */
  readonly limit?: number;
}

export interface Page {
  readonly messages: readonly Placed[];
  /** The place of the last message looked at; null where there was none: the end. */
  readonly last: number | null;
}

/**
 * What is stored, read in pages that keep nothing open on the server, and removed. Every call is one try; each throws
 * `StoreUnavailable` where the server does not answer.
 */
export interface Archive {
  /** The next messages under `filter`, in order; a page holds about a mebibyte at most. */
  page(stream: StreamName, filter: string, options?: PageOptions): Promise<Page>;
  /** Everything that is stored under `filter`, page by page as the reader asks for it. */
  scan(stream: StreamName, filter: string, options?: PageOptions): AsyncGenerator<Placed>;
  /** The newest message of a subject. */
  newest(stream: StreamName, subject: string): Promise<Placed | null>;
  /** All subjects under `filter` that hold something, in pages of up to 100,000. */
  subjects(stream: StreamName, filter: string): AsyncGenerator<readonly string[]>;
  /** Removes everything under `filter`. */
  purge(stream: StreamName, filter: string): Promise<void>;
}

const timeoutMs = 5_000;
const pageBytes = 1024 * 1024;

/** The archive behind a connection, which stays the caller's. */
export function openArchive(connection: NatsConnection): Archive {
  const manager = () => jetstream(connection, { timeout: timeoutMs }).jetstreamManager(false);

  async function reach<T>(subject: string, work: (manager: JetStreamManager) => Promise<T>): Promise<T> {
    try {
      return await work(await manager());
    } catch (error) {
      throw new StoreUnavailable(subject, error);
    }
  }

  async function page(stream: StreamName, filter: string, { after = 0, limit = 256 }: PageOptions = {}): Promise<Page> {
    const found = await reach(filter, ({ direct }) => batch(direct, streams[stream].name, filter, after + 1, limit));
    return {
      messages: found.filter(({ data }) => data.length > 0).map(placed),
      last: found.at(-1)?.seq ?? null,
    };
  }

  return {
    page,
    async *scan(stream, filter, { after = 0, ...rest } = {}) {
      let from = after;
      for (;;) {
        const { messages, last } = await page(stream, filter, { ...rest, after: from });
        yield* messages;
        if (last === null) return;
        from = last;
      }
    },
    newest: (stream, subject) =>
      reach(subject, async ({ direct }) => {
        const message = await direct.getMessage(streams[stream].name, { last_by_subj: subject });
        return message && message.data.length > 0 ? placed(message) : null;
      }),
    async *subjects(stream, filter) {
      let offset = 0;
      for (;;) {
        const { names, total } = await reach(filter, () => subjectsPage(connection, stream, filter, offset));
        yield names;
        offset += names.length;
        if (names.length === 0 || offset >= total) return;
      }
    },
    purge: (stream, filter) =>
      reach(filter, async ({ streams: api }) => {
        await api.purge(streams[stream].name, { filter });
      }),
  };
}

/** The client's iterator leaves its subscription behind; with a callback it does not. */
async function batch(
  direct: DirectStreamAPI,
  stream: string,
  filter: string,
  seq: number,
  limit: number,
): Promise<StoredMsg[]> {
  const found: StoredMsg[] = [];
  const ended = Promise.withResolvers<void>();
  // The client's own limit covers the first message alone: a connection may break behind it.
  const late = setTimeout(() => ended.reject(new errors.TimeoutError()), timeoutMs);
  // It may fail before it is awaited, or where the request itself did.
  ended.promise.catch(() => {});
  try {
    const request = await direct.getBatch(stream, {
      seq,
      next_by_subj: filter,
      batch: limit,
      max_bytes: pageBytes,
      callback(end, message) {
        if (!end) found.push(message);
        else if (!end.err || isNothingThere(end.err)) ended.resolve();
        else ended.reject(end.err);
      },
    });
    await ended.promise.finally(() => request.stop());
    return found;
  } finally {
    clearTimeout(late);
  }
}

function isNothingThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 404;
}

const subjectsSchema = z.union([
  z.object({ error: z.object({ description: z.string() }) }),
  z.object({
    total: z.number().optional(),
    state: z.object({ subjects: z.record(z.string(), z.number()).optional() }),
  }),
]);

/** The client's own call would hold the subjects of all pages at once. */
async function subjectsPage(connection: NatsConnection, stream: StreamName, filter: string, offset: number) {
  const subject = `$JS.API.STREAM.INFO.${streams[stream].name}`;
  const request = JSON.stringify({ subjects_filter: filter, offset });
  const answer = await connection.request(subject, request, { timeout: timeoutMs });
  const info = subjectsSchema.parse(answer.json());
  if ('error' in info) throw new Error(info.error.description);
  const names = Object.keys(info.state.subjects ?? {});
  return { names, total: info.total ?? names.length };
}

function placed(message: StoredMsg): Placed {
  return { subject: message.subject, value: message.json(), sequence: message.seq };
}
