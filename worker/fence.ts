import { type Announcement, announcementSchema } from '../api/messages/worker.ts';
import type { Store } from '../store/store.ts';
import { Superseded } from './fatal.ts';
import type { Connection } from './transport/connection.ts';

/** Keeps a worker from acting once another one of its lane and side counts: the one with the highest podAttempt. */
export interface Fence {
  /** Aborts with `Superseded` when another worker has taken over. */
  readonly signal: AbortSignal;
  /** Asks whether this worker counts; throws `Superseded` where it does not. */
  verify(): Promise<void>;
  /**
   * Resolves at once while every announcement was heard; after a connection was interrupted, as that of a node that was
   * cut off, it asks first.
   */
  trusted(): Promise<void>;
}

export interface FenceOptions {
  readonly store: Store;
  /** The subject on which workers of this lane and side announce themselves. */
  readonly subject: string;
  readonly podAttempt: number;
  /** Those over which this worker is asked and answers. */
  readonly connections: readonly Connection[];
  /** Ends the following of announcements. */
  readonly until: AbortSignal;
}

export function openFence({ store, subject, podAttempt, connections, until }: FenceOptions): Fence {
  const over = new AbortController();
  let interruptions = 0;
  let verified = 0;
  for (const connection of connections) connection.onInterruption(() => interruptions++);

  const see = (value: unknown) => {
    const other = announcementSchema.parse(value).podAttempt;
    if (other > podAttempt) over.abort(new Superseded(podAttempt, other));
  };
  const follow = async () => {
    for await (const { value } of store.follow('records', subject, until)) see(value);
  };
  // Without a connection nothing is written either.
  follow().catch(() => {});

  const verify = async () => {
    const before = interruptions;
    for (const { value } of await store.read('records', subject)) see(value);
    over.signal.throwIfAborted();
    verified = before;
  };
  return {
    signal: over.signal,
    verify,
    async trusted() {
      over.signal.throwIfAborted();
      if (verified !== interruptions) await verify();
    },
  };
}

/** The announcements of a subject, as they were made. */
export async function announcements(store: Store, subject: string): Promise<Announcement[]> {
  return (await store.read('records', subject)).map(({ value }) => announcementSchema.parse(value));
}
