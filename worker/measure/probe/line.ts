import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import type { LinkProfile } from '../../../api/messages/link.ts';
import { fluidTransferMs } from '../../link/wire.ts';
import { ProbeFailed } from './errors.ts';
import {
  createTrainReceiver,
  decodeChunk,
  encodeChunk,
  type ProbeRequest,
  parseMessage,
  probeReplySchema,
} from './messages.ts';
import { arrivals, deliverBytes, planTrain, publishBytes, type ServiceRate, serviceRate, type Train } from './train.ts';

/** Subjects of one lane's probe, used by nothing else. */
export interface ProbeSubjects {
  /** From local to remote. */
  readonly up: string;
  /** From remote to local. */
  readonly down: string;
}

/** Sends a train of about so many bytes one way and gives the rate at which its receiver got it. */
export type TrainOneWay = (bytes: number) => Promise<ServiceRate & { readonly tookMs: number }>;

/** The local side of a probe: questions to the remote side over the link and their timed answers. */
export interface ProbeLine extends Disposable {
  /** The shortest of several round trips in milliseconds, the messages' own time included. */
  ping(): Promise<number>;
  /** What a ping and its answer are on the link, in bytes of payload. */
  readonly pingBytes: { readonly up: number; readonly down: number };
  readonly uplink: TrainOneWay;
  readonly downlink: TrainOneWay;
}

interface LineOptions {
  readonly requested: LinkProfile;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

const pings = 8;
// Pings follow each other this closely, so that all but the first find the processes on their way awake.
const pingEveryMs = 2;
const defaultTimeoutMs = 10_000;

/** Sends the messages of a train. */
export function sendTrain(
  connection: NatsConnection,
  subject: string,
  id: number,
  { chunkBytes, chunks }: Train,
): void {
  for (let index = 0; index < chunks; index++) {
    connection.publish(subject, encodeChunk({ id, index, chunks }, chunkBytes));
  }
}

/** Subscribes the local side; answers are told apart by ids, so that none of an earlier probe is taken for a new one. */
export function openProbeLine(connection: NatsConnection, subjects: ProbeSubjects, options: LineOptions): ProbeLine {
  const { requested } = options;
  const receiver = createTrainReceiver(() => performance.now());
  const waiting = new Map<number, (times: readonly number[]) => void>();
  const subscription = connection.subscribe(subjects.down, {
    callback(error, message) {
      if (error !== null) return;
      const chunk = decodeChunk(message.data);
      if (chunk !== null) {
        const times = receiver.take(chunk);
        if (times !== null) waiting.get(chunk.id)?.(times);
        return;
      }
      const atMs = performance.now();
      const reply = parseMessage(probeReplySchema, message.data);
      if (reply !== null) waiting.get(reply.id)?.(reply.type === 'pong' ? [atMs] : reply.times);
    },
  });
  let lastId = Math.floor(Math.random() * 0x7fff_ffff) + 0x4000_0000;
  const request = (message: ProbeRequest) => connection.publish(subjects.up, JSON.stringify(message));

  /** Asks with a new id and resolves to the times that answer it. */
  const ask = async (what: string, linkMs: number, send: (id: number) => void): Promise<readonly number[]> => {
    const id = lastId++;
    const answer = Promise.withResolvers<readonly number[]>();
    waiting.set(id, answer.resolve);
    const timeoutMs = (options.timeoutMs ?? defaultTimeoutMs) + linkMs;
    const late = setTimeout(() => {
      answer.reject(new ProbeFailed(what, subjects.up, `no answer within ${Math.round(timeoutMs)} ms`));
    }, timeoutMs);
    const abort = () => answer.reject(options.signal?.reason);
    options.signal?.addEventListener('abort', abort);
    try {
      options.signal?.throwIfAborted();
      send(id);
      return await answer.promise;
    } finally {
      clearTimeout(late);
      options.signal?.removeEventListener('abort', abort);
      waiting.delete(id);
    }
  };
  const roundTripMs = (upBytes: number, downBytes: number) =>
    requested === null
      ? 0
      : fluidTransferMs(upBytes, requested.uplink) + fluidTransferMs(downBytes, requested.downlink);
  const rate = (what: string, times: readonly number[], frameBytes: number) => {
    const found = serviceRate(arrivals(times, frameBytes));
    if (found === null) throw new ProbeFailed(what, subjects.up, 'all of the train arrived at once');
    return { ...found, tookMs: (times.at(-1) ?? 0) - (times[0] ?? 0) };
  };

  const pingBytes = {
    up: publishBytes(subjects.up, JSON.stringify({ type: 'ping', id: lastId }).length),
    down: deliverBytes(subjects.down, subscription.getID(), JSON.stringify({ type: 'pong', id: lastId }).length),
  };
  const ping = async () => {
    const trips: Promise<number>[] = [];
    const linkMs = roundTripMs(pings * pingBytes.up, pings * pingBytes.down);
    for (let i = 0; i < pings; i++) {
      if (i > 0) await sleep(Math.max(pingEveryMs, linkMs / pings - roundTripMs(0, 0)));
      const sentMs = performance.now();
      const trip = ask('ping', linkMs, (id) => request({ type: 'ping', id }));
      trips.push(trip.then(([atMs]) => (atMs ?? Number.NaN) - sentMs));
      // A failure before all are sent is reported when all are awaited.
      trips.at(-1)?.catch(() => {});
    }
    return Math.min(...(await Promise.all(trips)));
  };

  return {
    ping,
    pingBytes,
    async uplink(bytes) {
      const train = planTrain(bytes);
      const times = await ask('uplink train', roundTripMs(2 * bytes, 2 * bytes), (id) => {
        sendTrain(connection, subjects.up, id, train);
      });
      return rate('uplink train', times, publishBytes(subjects.up, train.chunkBytes));
    },
    async downlink(bytes) {
      const train = planTrain(bytes);
      const times = await ask('downlink train', roundTripMs(2 * bytes, 2 * bytes), (id) => {
        request({ type: 'sendTrain', id, train });
      });
      return rate('downlink train', times, deliverBytes(subjects.down, subscription.getID(), train.chunkBytes));
    },
    [Symbol.dispose]: () => subscription.unsubscribe(),
  };
}
