import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { LinkBursts, LinkProfile, LinkStatus } from '../../api/messages/link.ts';
import { monotonicMs } from '../measure/now.ts';
import { startAlarm } from './alarm.ts';
import { joinConnection } from './connection.ts';
import { createDirection, type Direction } from './direction.ts';
import { createLateness } from './lateness.ts';
import { upstreamOf } from './upstream.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface EmulatorOptions {
  /** Where connections are accepted; port 0: chosen by the system. */
  readonly listen: Address;
  /** Where each of them is forwarded to: the first that accepts. */
  readonly upstream: readonly Address[];
  /** Told of connections that end with an error. */
  readonly onError?: (error: Error) => void;
  /** What wakes the emulator; default {@link startAlarm}. */
  readonly alarm?: typeof startAlarm;
}

export interface LinkEmulator extends AsyncDisposable {
  readonly port: number;
  /** Delivers what is on its way, shapes from now on by `profile` and starts the statistics anew. */
  configure(profile: LinkProfile): void;
  status(): Omit<LinkStatus, 'instance' | 'bursts'>;
  /** What crossed since the statistics were started anew, burst by burst. */
  bursts(): LinkBursts;
  resetStatistics(): void;
}

/**
 * Starts a link: a TCP proxy whose connections share one queue a direction, unshaped until configured. Rejects with
 * the system's error when it cannot listen. Disposing resets its connections and drops what is on its way.
 */
export async function startEmulator(options: EmulatorOptions): Promise<LinkEmulator> {
  let profile: LinkProfile = null;
  let lateness = createLateness();
  const onDelivery = (latenessMs: number) => lateness.add(latenessMs);
  const uplink = createDirection(monotonicMs, onDelivery);
  const downlink = createDirection(monotonicMs, onDelivery);
  const connections = new Set<ReturnType<typeof joinConnection>>();
  let held = { uplink: false, downlink: false };

  const holdSenders = () => {
    if (held.uplink === uplink.full && held.downlink === downlink.full) return;
    held = { uplink: uplink.full, downlink: downlink.full };
    for (const connection of connections) connection.hold(held);
  };
  const run = () => {
    uplink.pump();
    downlink.pump();
    holdSenders();
    alarm.set(Math.min(uplink.nextMs, downlink.nextMs));
  };
  const closing = new AbortController();
  const upstream = upstreamOf(options.upstream);
  const accept = async (client: Socket) => {
    // Nothing is read from it before there is somewhere to write to; a failure shows once it is joined.
    client.on('error', () => {});
    const server = await upstream.dial(closing.signal).catch((error: Error) => {
      client.resetAndDestroy();
      if (!closing.signal.aborted) options.onError?.(error);
      return null;
    });
    if (server) join(client, server);
  };
  const join = (client: Socket, server: Socket) => {
    const connection = joinConnection(client, server, {
      uplink,
      downlink,
      onArrival: run,
      onClose: (error) => {
        connections.delete(connection);
        if (error !== undefined) options.onError?.(error);
      },
    });
    connection.hold(held);
    connections.add(connection);
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
  await using cleanup = new AsyncDisposableStack();
  const alarm = cleanup.use(await (options.alarm ?? startAlarm)(run));
  const port = await listen(server, options.listen);

  const resetStatistics = () => {
    lateness = createLateness();
    uplink.resetStatistics();
    downlink.resetStatistics();
  };
  cleanup.move();
  return {
    port,
    configure(next) {
      profile = next;
      uplink.configure(next?.uplink ?? null);
      downlink.configure(next?.downlink ?? null);
      resetStatistics();
      run();
    },
    status: () => ({
      port,
      profile,
      connections: connections.size,
      uplink: uplink.statistics(),
      downlink: downlink.statistics(),
      lateness: lateness.summary(),
    }),
    bursts: () => ({ uplink: burstColumns(uplink), downlink: burstColumns(downlink) }),
    resetStatistics,
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('the link is closing', 'AbortError'));
      const closed = once(server, 'close');
      server.close();
      for (const connection of connections) connection.reset();
      await closed;
      await alarm[Symbol.asyncDispose]();
    },
  };
}

function burstColumns(direction: Direction): LinkBursts['uplink'] {
  const { bursts, omitted } = direction.bursts();
  return {
    firstInMs: bursts.map(({ firstInMs }) => microseconds(firstInMs)),
    lastInMs: bursts.map(({ lastInMs }) => microseconds(lastInMs)),
    lastServedMs: bursts.map(({ lastServedMs }) => microseconds(lastServedMs)),
    lastDeliveredMs: bursts.map(({ lastDeliveredMs }) => lastDeliveredMs && microseconds(lastDeliveredMs)),
    payloadBytes: bursts.map(({ payloadBytes }) => payloadBytes),
    queuePeakBytes: bursts.map(({ queuePeakBytes }) => queuePeakBytes),
    omitted,
  };
}

/** Milliseconds to the microsecond, which is what the message needs to say. */
function microseconds(ms: number): number {
  return Math.round(ms * 1e3) / 1e3;
}

async function listen(server: Server, { host, port }: Address): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError(`${host}:${port} is not a TCP address`);
  return address.port;
}
