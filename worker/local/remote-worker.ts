import { randomUUID } from 'node:crypto';
import { TimeoutError } from 'nats';
import { clockReplySchema } from '../../api/messages/clock.ts';
import {
  type Announcement,
  announcementSchema,
  type PrepareRequest,
  prepareReplySchema,
  usageReplySchema,
} from '../../api/messages/worker.ts';
import type { Usage } from '../../api/record/record.ts';
import type { subjects } from '../../api/subjects.ts';
import type { Store } from '../../store/store.ts';
import { checkModels } from '../announce.ts';
import { request, WorkerSilent } from '../control.ts';
import type { ClockProbe } from '../measure/clock.ts';
import { monotonicMs } from '../measure/now.ts';
import type { Origin } from '../origin.ts';
import type { Connection } from '../transport/connection.ts';

const shortMs = 5_000;
/** Opening a session may read and lay out gigabytes of weights. */
const prepareMs = 600_000;
/** How long an answer to it is waited for before it is asked for again. */
const askAgainMs = 5_000;

/** The remote worker was replaced or does not answer any more; an attempt that used it is void. */
export class WorkerLost extends Error {
  readonly code = 'WorkerLost';
  constructor(what: string, options?: ErrorOptions) {
    super(what, options);
    this.name = 'WorkerLost';
  }
}

/** The remote worker of a lane as the local one sees it. */
export interface RemoteWorker {
  /** Waits until a remote worker is there. */
  ready(signal: AbortSignal): Promise<Announcement>;
  /** Aborts with `WorkerLost` when another remote worker takes over from this one; aborted already when it has. */
  lost(worker: Announcement): AbortSignal;
  prepare(part: Omit<PrepareRequest, 'podAttempt' | 'request'>): Promise<{ loadMilliseconds: number }>;
  clock(): Promise<ClockProbe>;
  startUsage(): Promise<void>;
  stopUsage(): Promise<Usage | null>;
}

/**
 * Follows the announcements of remote workers of the local one's lane until `signal` aborts; the highest podAttempt counts. A request
 * to a worker that is replaced before it answers ends with `WorkerLost`; a model that differs ends the following.
 */
export function followRemote(
  connection: Connection,
  store: Store,
  names: ReturnType<typeof subjects>,
  local: Announcement,
  signal: AbortSignal,
  origin: () => Origin | null = () => null,
): RemoteWorker & { readonly following: Promise<never> } {
  const { lane, podAttempt } = local;
  let current: Announcement | null = null;
  let life = new AbortController();
  const waiting = new Set<() => void>();

  async function follow(): Promise<never> {
    for await (const { value } of store.follow('records', names.worker(lane, 'remote'), signal)) {
      const found = announcementSchema.parse(value);
      if (current && found.podAttempt < current.podAttempt) continue;
      checkModels(local, found);
      const replaced = current && { life, by: new WorkerLost(`remote worker ${current.podAttempt} was replaced`) };
      life = new AbortController();
      current = found;
      replaced?.life.abort(replaced.by);
      for (const wake of waiting) wake();
      waiting.clear();
    }
    signal.throwIfAborted();
    throw new WorkerLost('the announcements of remote workers ended');
  }

  const ask = <S extends Parameters<typeof request>[3]>(name: string, payload: unknown, reply: S, timeoutMs: number) =>
    request(connection, names.remote(lane, name), payload, reply, {
      timeoutMs,
      signal: AbortSignal.any([life.signal, signal]),
      origin: origin(),
    });

  /** Asks again under the same name: a server between the two may end with the request or its answer. */
  async function prepare(part: Parameters<RemoteWorker['prepare']>[0]) {
    const payload = { ...part, podAttempt, request: randomUUID() };
    const deadlineMs = monotonicMs() + prepareMs;
    for (;;) {
      try {
        return await ask('prepare', payload, prepareReplySchema, askAgainMs);
      } catch (error) {
        const isLate = error instanceof WorkerSilent && error.cause instanceof TimeoutError;
        if (!isLate || monotonicMs() > deadlineMs) throw error;
      }
    }
  }
  const following = follow();
  following.catch(() => {});

  return {
    following,
    async ready(until) {
      for (;;) {
        until.throwIfAborted();
        // One that was announced may be gone by now: only an answer shows that it is there.
        const asked = current;
        if (asked && (await answers()) && asked === current) return asked;
        if (asked === current) await next(until);
      }
    },
    lost: (worker) =>
      worker.instance === current?.instance ? life.signal : AbortSignal.abort(new WorkerLost('it was replaced')),
    prepare,
    async clock() {
      const t1 = monotonicMs();
      const { receivedAtMs: t2, repliedAtMs: t3 } = await ask('clock', {}, clockReplySchema, shortMs);
      return { t1, t2, t3, t4: monotonicMs() };
    },
    startUsage: async () => void (await ask('usage', { action: 'Start' }, usageReplySchema, shortMs)),
    stopUsage: async () => (await ask('usage', { action: 'Stop' }, usageReplySchema, shortMs)).usage,
  };

  async function answers(): Promise<boolean> {
    try {
      await ask('clock', {}, clockReplySchema, 1_000);
      return true;
    } catch {
      return false;
    }
  }

  /** The next announcement, or a second: a server that comes back announces nothing. */
  function next(until: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(done, 1_000);
      const stop = () => reject(until.reason);
      until.addEventListener('abort', stop, { once: true });
      waiting.add(done);
      function done() {
        clearTimeout(timer);
        waiting.delete(done);
        until.removeEventListener('abort', stop);
        resolve();
      }
    });
  }
}
