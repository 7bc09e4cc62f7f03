import type { NatsConnection } from 'nats';
import type { LinkProfile } from '../../api/messages/link.ts';
import { fluidTransferMs } from '../link/wire.ts';
import { openProbeLine, type ProbeSubjects, sendTrain } from './probe/line.ts';
import {
  createTrainReceiver,
  decodeChunk,
  type ProbeReply,
  parseMessage,
  probeRequestSchema,
} from './probe/messages.ts';
import { findRate } from './probe/rate.ts';

export { ProbeFailed } from './probe/errors.ts';
export type { ProbeSubjects } from './probe/line.ts';

/** A link as its receivers saw it, at the IP layer; `rttMilliseconds` is both delays, without the messages' own time. */
export interface LinkProbe {
  readonly uplinkBitsPerSecond: number;
  readonly downlinkBitsPerSecond: number;
  readonly rttMilliseconds: number;
}

/** What the broker and waking up add on an undisturbed machine is 0.3 to 0.6 ms: docs/decisions/0042-link-probe.md. */
const confirmedWithinMs = 0.6;

export interface ProbeOptions {
  /** What the link should be; null (link type None): unknown, found by longer and longer trains. */
  readonly requested: LinkProfile;
  readonly signal?: AbortSignal;
  /** For each step, beyond the time that the requested link needs; default 10 s. */
  readonly timeoutMs?: number;
}

/** The remote worker's half: answers pings, times uplink trains and sends downlink trains until disposed. */
export function serveProbe(connection: NatsConnection, subjects: ProbeSubjects): Disposable {
  const receiver = createTrainReceiver(() => performance.now());
  const reply = (message: ProbeReply) => connection.publish(subjects.down, JSON.stringify(message));
  const subscription = connection.subscribe(subjects.up, {
    callback(error, message) {
      if (error !== null) return;
      const chunk = decodeChunk(message.data);
      if (chunk !== null) {
        const times = receiver.take(chunk);
        if (times !== null) reply({ type: 'arrivals', id: chunk.id, times: [...times] });
        return;
      }
      const request = parseMessage(probeRequestSchema, message.data);
      if (request?.type === 'ping') reply({ type: 'pong', id: request.id });
      else if (request !== null) sendTrain(connection, subjects.down, request.id, request.train);
    },
  });
  return { [Symbol.dispose]: () => subscription.unsubscribe() };
}

/**
 * The local worker's half: measures the idle link that `connection` uses, by pings and a train each way (about 20 ms of
 * the requested rate, at least 16 KiB; both sent again where the machine disturbed them). Throws {@link ProbeFailed} when an answer does not come in time, and the
 * signal's reason when it is aborted.
 */
export async function probeLink(
  connection: NatsConnection,
  subjects: ProbeSubjects,
  options: ProbeOptions,
): Promise<LinkProbe> {
  using line = openProbeLine(connection, subjects, options);
  const firstPingMs = await line.ping();
  const { requested } = options;
  const uplinkBitsPerSecond = await findRate(line.uplink, requested?.uplink.bitsPerSecond ?? null);
  const downlinkBitsPerSecond = await findRate(line.downlink, requested?.downlink.bitsPerSecond ?? null);
  const ownMs =
    fluidTransferMs(line.pingBytes.up, { bitsPerSecond: uplinkBitsPerSecond, delayMs: 0 }) +
    fluidTransferMs(line.pingBytes.down, { bitsPerSecond: downlinkBitsPerSecond, delayMs: 0 });
  // Pings that confirm what was requested are enough. A round trip that the machine disturbed for all of the first ones
  // is rarely disturbed again after the trains.
  const confirmed = requested !== null && firstPingMs - ownMs - delaysMs(requested) <= confirmedWithinMs;
  const pingMs = confirmed ? firstPingMs : Math.min(firstPingMs, await line.ping());
  return { uplinkBitsPerSecond, downlinkBitsPerSecond, rttMilliseconds: pingMs - ownMs };
}

function delaysMs({ uplink, downlink }: NonNullable<LinkProfile>): number {
  return uplink.delayMs + downlink.delayMs;
}
