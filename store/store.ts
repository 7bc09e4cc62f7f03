import {
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  StorageType,
  type StoredMsg,
} from '@nats-io/jetstream';
import { errors, type NatsConnection } from 'nats';
import { streams } from '../api/subjects.ts';
import { StoreConflict, StoreUnavailable } from './errors.ts';
import { pause } from './pause.ts';

/** A stored message: its subject and its JSON, parsed but not yet checked against a schema. */
export interface Stored {
  readonly subject: string;
  readonly value: unknown;
}

/** A stored message with its place in the stream. */
export interface Placed extends Stored {
  readonly sequence: number;
}

export interface FollowOptions {
  /** Only what stands behind this place; default 0: everything. */
  readonly after?: number;
  /** Most messages fetched ahead of the reader; default 500. */
  readonly ahead?: number;
  /** How often the server says that it is there while nothing comes, in ms; default 1,000. After two it is asked anew. */
  readonly heartbeatMs?: number;
}

/** Records and samples of experiments in JetStream. Writes are retried until `signal` aborts or `patienceMs` is over. */
export interface Store {
  /**
   * Makes the two shared streams where they do not exist yet; those that exist stay as they are. Gives a text that differs
   * from that of other streams of the same names, earlier or later ones.
   */
  ensureStreams(options?: StreamOptions): Promise<string>;
  /** Writes `value` only if the subject is empty; `false` where it holds something else already. */
  createOnly(subject: string, value: unknown): Promise<boolean>;
  /** Like `createOnly`, but an existing value that differs is a `StoreConflict`. */
  create(subject: string, value: unknown): Promise<void>;
  /** Writes `value` after whatever the subject holds. */
  append(subject: string, value: unknown): Promise<void>;
  /** Takes back what a subject holds, as if it had never been written; tried once, also after `signal` aborted. */
  withdraw(subject: string): Promise<void>;
  /** Everything stored now under `filter`, in order. */
  read(stream: StreamName, filter: string): Promise<Stored[]>;
  /** What is stored under `filter`, then what comes, until `signal` aborts. */
  follow(stream: StreamName, filter: string, signal: AbortSignal, options?: FollowOptions): AsyncGenerator<Placed>;
}

const retryMs = 200;
/** The server's error code for a stream of this name with other settings. */
const streamExists = 10058;
/** A server that was away has forgotten the consumer; two missed heartbeats make the client ask for another. */
const consuming = { max_messages: 500, expires: 10_000, idle_heartbeat: 1_000 };

export type StreamName = keyof typeof streams;

export interface StreamOptions {
  /** Servers of a NATS cluster that keep each message; default 1. */
  readonly replicas?: number;
}

export interface StoreOptions {
  readonly signal?: AbortSignal;
  /** How long a write is tried again while the server cannot be reached; default 60,000. */
  readonly patienceMs?: number;
}

/** The store behind a connection; the connection stays the caller's. */
export function openStore(connection: NatsConnection, { signal, patienceMs = 60_000 }: StoreOptions = {}): Store {
  const client = jetstream(connection, { timeout: 2_000 });
  // Without its check of the account, which a worker has no right to see.
  const manager = () => client.jetstreamManager(false);

  /** Tries again while the server cannot be reached or is starting. */
  async function patiently<T>(subject: string, work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      signal?.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        if (connection.isClosed() || !isPassing(error) || performance.now() > deadline) {
          throw new StoreUnavailable(subject, error);
        }
        await pause(retryMs, signal);
      }
    }
  }

  /** False where `expect` is not met. */
  function publish(subject: string, text: string, expect: { readonly lastSubjectSequence?: number }): Promise<boolean> {
    return patiently(subject, async () => {
      try {
        await client.publish(subject, text, { expect });
        return true;
      } catch (error) {
        if (isWrongSequence(error)) return false;
        throw error;
      }
    });
  }

  /** The newest message of a subject. Asked for by subject, so that a permission can tell one experiment's from others'. */
  async function newest(subject: string): Promise<StoredMsg | null> {
    const { direct } = await manager();
    return direct.getMessage(streamOf(subject), { last_by_subj: subject });
  }

  async function createOnly(subject: string, value: unknown): Promise<boolean> {
    const text = JSON.stringify(value);
    for (let expected = 0; ; ) {
      if (await publish(subject, text, { lastSubjectSequence: expected })) return true;
      const found = await patiently(subject, () => newest(subject));
      // The same text: an earlier try of ours had arrived.
      if (found !== null && found.data.length > 0) return found.string() === text;
      expected = found?.seq ?? 0;
      // A replica that answers may be behind the leader that refused the write.
      if (found === null) await pause(retryMs, signal);
    }
  }

  return {
    createOnly,
    ensureStreams: (wanted) => patiently('the streams', async () => ensureStreams(await manager(), wanted)),
    async create(subject, value) {
      if (!(await createOnly(subject, value))) throw new StoreConflict(subject);
    },
    async append(subject, value) {
      await publish(subject, JSON.stringify(value), {});
    },
    async withdraw(subject) {
      const found = await newest(subject);
      if (found === null || found.data.length === 0) return;
      // Deleting is a right over the whole stream; an empty message needs only the right to write this subject.
      await client.publish(subject, '', { expect: { lastSubjectSequence: found.seq } });
    },
    read: (stream, filter) => patiently(filter, () => read(client, stream, filter)),
    follow: (stream, filter, until, options) => follow(connection, client, stream, filter, until, options),
  };
}

async function ensureStreams(manager: JetStreamManager, { replicas = 1 }: StreamOptions = {}): Promise<string> {
  const created: string[] = [];
  for (const { name, subjects } of Object.values(streams)) {
    const config = { name, subjects: [...subjects], storage: StorageType.File, allow_direct: true };
    try {
      created.push((await manager.streams.add({ ...config, num_replicas: replicas })).created);
    } catch (error) {
      // Whoever runs the server may have made it with other limits or replicas.
      if (!(error instanceof JetStreamApiError && error.code === streamExists)) throw error;
      created.push((await manager.streams.info(name)).created);
    }
  }
  return created.join(' ');
}

function streamOf(subject: string): string {
  const kind = subject.split('.')[5];
  return kind === 'samples' ? streams.samples.name : streams.records.name;
}

async function read(client: JetStreamClient, stream: StreamName, filter: string): Promise<Stored[]> {
  const consumer = await client.consumers.get(streams[stream].name, ordered(filter, 0));
  try {
    const { num_pending: count } = await consumer.info();
    let stored: Stored[] = [];
    if (count === 0) return stored;
    const messages = await consumer.consume(consuming);
    const withdrawn = new Map<string, number>();
    let seen = 0;
    for await (const message of messages) {
      if (message.data.length > 0) stored.push({ subject: message.subject, value: message.json() });
      else withdrawn.set(message.subject, stored.length);
      if (++seen >= count) break;
    }
    await messages.close();
    if (withdrawn.size > 0) stored = stored.filter(({ subject }, index) => index >= (withdrawn.get(subject) ?? 0));
    return stored;
  } finally {
    await forget(consumer);
  }
}

/** Left alone, a consumer stays with the server for minutes, and a stream has no room for more than a thousand or so. */
async function forget(consumer: Consumer | undefined): Promise<void> {
  await consumer?.delete().catch(() => {});
}

/** Goes on behind the last message seen when the server was away. */
async function* follow(
  connection: NatsConnection,
  client: JetStreamClient,
  stream: StreamName,
  filter: string,
  until: AbortSignal,
  { after = 0, ahead = consuming.max_messages, heartbeatMs = consuming.idle_heartbeat }: FollowOptions = {},
): AsyncGenerator<Placed> {
  let seen = after;
  while (!until.aborted) {
    let messages: ConsumerMessages | undefined;
    let consumer: Consumer | undefined;
    const stop = () => void messages?.close();
    until.addEventListener('abort', stop, { once: true });
    try {
      consumer = await client.consumers.get(streams[stream].name, ordered(filter, seen));
      const expires = Math.max(consuming.expires, 6 * heartbeatMs);
      messages = await consumer.consume({ max_messages: ahead, expires, idle_heartbeat: heartbeatMs });
      // Closing takes effect when the messages are read, and does not end before.
      if (until.aborted) stop();
      for await (const message of messages) {
        seen = message.seq;
        if (message.data.length > 0) yield { subject: message.subject, value: message.json(), sequence: seen };
      }
    } catch (error) {
      if (until.aborted) return;
      if (connection.isClosed() || !isPassing(error)) throw new StoreUnavailable(filter, error);
    } finally {
      until.removeEventListener('abort', stop);
      await messages?.close();
      await forget(consumer);
    }
    if (connection.isClosed() && !until.aborted) throw new StoreUnavailable(filter, 'the connection is closed');
    await pause(retryMs, until).catch(() => {});
  }
}

function ordered(filter: string, seen: number) {
  const place =
    seen === 0
      ? ({ deliver_policy: DeliverPolicy.All } as const)
      : ({ deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: seen + 1 } as const);
  return { filter_subjects: filter, ...place };
}

function isWrongSequence(error: unknown): boolean {
  if (!(error instanceof JetStreamApiError)) return false;
  const codes: number[] = [JetStreamApiCodes.StreamWrongLastSequence, JetStreamApiCodes.StreamWrongLastSequenceUnknown];
  return codes.includes(error.code);
}

/** Whether the server, or JetStream in it, may answer later. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof errors.TimeoutError ||
    error instanceof errors.NoRespondersError ||
    error instanceof errors.RequestError ||
    error instanceof errors.ConnectionError ||
    // Nobody answers for a stream whose servers are choosing their leader; the client calls that JetStreamNotEnabled.
    (error instanceof Error && error.cause instanceof errors.RequestError) ||
    (error instanceof Error && /no responders|timeout|disconnect|unavailable/i.test(error.message))
  );
}
