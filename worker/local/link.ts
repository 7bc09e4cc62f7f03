import type { Link } from '../../api/manifest/link.ts';
import { type LinkProfile, type LinkStatus, linkStatusSchema } from '../../api/messages/link.ts';
import { linkProfile } from '../../api/plan/link.ts';
import type { LinkProbe } from '../../api/record/record.ts';
import type { subjects } from '../../api/subjects.ts';
import type { NatsConfig } from '../../api/worker-config.ts';
import { pause } from '../../store/pause.ts';
import { request, WorkerSilent } from '../control.ts';
import { monotonicMs } from '../measure/now.ts';
import { probeLink } from '../measure/probe.ts';
import type { Origin } from '../origin.ts';
import { podToken } from '../pod.ts';
import { type Connection, type ConnectionOptions, openConnection } from '../transport/connection.ts';
import { LinkInterrupted } from '../transport/errors.ts';
import { type Exchange, openExchange } from '../transport/exchange.ts';

const controlMs = 5_000;
const retryMs = 100;

/** The way to the remote worker as one trial wants it. */
export interface LinkInUse {
  readonly exchange: Exchange;
  readonly requested: LinkProfile;
  /**
   * Measures rate and delay as they are now. `brokerRttMs`, the round trip on the unshaped control connection, is what
   * broker and processes take; it is no part of an emulated link, and all of what a link of type None is.
   */
  probe(brokerRttMs: number, signal: AbortSignal): Promise<LinkProbe>;
  /** What the emulator saw since it was last asked to start anew, burst by burst if asked for; null where there is none. */
  status(wanted: { readonly bursts: boolean }): Promise<LinkStatus | null>;
  resetStatistics(): Promise<void>;
}

/** The links of a lane. Data connections are opened when they are first needed and stay open. */
export interface LaneLink extends AsyncDisposable {
  /** Waits until the emulator answers, where this link needs one. */
  ready(link: Link, signal: AbortSignal): Promise<void>;
  use(link: Link, signal: AbortSignal): Promise<LinkInUse>;
}

interface Road {
  readonly connection: Connection;
  readonly exchange: Exchange;
  /** Aborts with `LinkInterrupted` when the emulator on this way is gone for good. */
  readonly gone: AbortController;
}

/** `direct` is where the NATS server is; the way through the emulator leads to the same one. */
export function openLaneLink(
  control: Connection,
  direct: NatsConfig & Pick<ConnectionOptions, 'inboxPrefix' | 'onReconnect'>,
  names: ReturnType<typeof subjects>,
  lane: number,
  origin: () => Origin | null = () => null,
): LaneLink {
  const probes = { up: names.probeUp(lane), down: names.probeDown(lane) };
  const roads = new Map<'direct' | 'emulated', { readonly by: string; readonly open: Promise<Road> }>();
  const ask = (name: string, payload: unknown) =>
    request(control, names.link(lane, podToken(), name), payload, linkStatusSchema, {
      timeoutMs: controlMs,
      origin: origin(),
    });

  /** One road of each kind is kept; `by` says which emulator it goes through, since a new one listens elsewhere. */
  async function road(
    kind: 'direct' | 'emulated',
    by: string,
    port: number | undefined,
    signal: AbortSignal,
  ): Promise<Road> {
    const known = roads.get(kind);
    if (known?.by === by) return known.open;
    if (known) await closeRoad(known.open);
    const open = openRoad(port, kind === 'emulated' ? by : null, signal);
    roads.set(kind, { by, open });
    open.catch(() => roads.delete(kind));
    return open;
  }

  async function openRoad(
    emulatorPort: number | undefined,
    emulator: string | null,
    signal: AbortSignal,
  ): Promise<Road> {
    const gone = new AbortController();
    let connection: Connection | null = null;
    const watch = () => emulator !== null && void watchEmulator(emulator, gone, () => connection?.connected ?? false);
    watch();
    try {
      const ended = AbortSignal.any([signal, gone.signal]);
      connection = await openConnection({ ...direct, emulatorPort, name: `local-${lane}-data`, signal: ended });
      connection.onInterruption(watch);
      const exchange = await openExchange({ connection, up: names.up(lane), down: names.down(lane), now: monotonicMs });
      return { connection, exchange: endedBy(gone.signal, exchange), gone };
    } catch (error) {
      gone.abort(error);
      await connection?.close();
      // The emulator accepts and hangs up again while the server behind it is away.
      throw isHangUp(error)
        ? new LinkInterrupted(`the connection "local-${lane}-data" broke`, { cause: error })
        : error;
    }
  }

  /** While nothing gets through: a server that comes back leaves the emulator as it was, a new emulator does not. */
  async function watchEmulator(instance: string, gone: AbortController, through: () => boolean): Promise<void> {
    for (;;) {
      await pause(retryMs);
      if (through() || gone.signal.aborted) return;
      const status = await ask('status', {}).catch(() => null);
      if (status && status.instance !== instance) gone.abort(new LinkInterrupted('the link emulator was started anew'));
    }
  }

  return {
    async ready(link, signal) {
      while (linkProfile(link)) {
        try {
          await ask('status', {});
          return;
        } catch (error) {
          if (!(error instanceof WorkerSilent)) throw error;
          await pause(retryMs, signal);
        }
      }
    },
    async use(link, signal) {
      const requested = linkProfile(link);
      if (!requested) return inUse(await road('direct', direct.url, undefined, signal), null);
      const { port, instance } = await ask('configure', { profile: requested });
      return inUse(await road('emulated', instance, port, signal), requested);
    },
    async [Symbol.asyncDispose]() {
      for (const { open } of roads.values()) await closeRoad(open);
    },
  };

  function inUse({ connection, exchange, gone }: Road, requested: LinkProfile): LinkInUse {
    return {
      exchange,
      requested,
      async probe(brokerRttMs, signal) {
        const broken = new AbortController();
        const stopListening = connection.onInterruption((error) => broken.abort(error));
        try {
          const ended = AbortSignal.any([signal, gone.signal, broken.signal]);
          const found = await probeLink(connection.client, probes, { requested, signal: ended });
          return requested ? { ...found, rttMilliseconds: found.rttMilliseconds - brokerRttMs } : found;
        } finally {
          stopListening();
        }
      },
      status: async ({ bursts }) => (requested ? ask('status', { bursts }) : null),
      async resetStatistics() {
        if (requested) await ask('status', { resetStatistics: true });
      },
    };
  }
}

/** The same exchange, whose requests end with the reason of `signal` too. */
function endedBy(signal: AbortSignal, exchange: Exchange): Exchange {
  return {
    ...exchange,
    request: (wanted) =>
      exchange.request({ ...wanted, signal: wanted.signal ? AbortSignal.any([wanted.signal, signal]) : signal }),
  };
}

async function closeRoad(open: Promise<Road>): Promise<void> {
  const road = await open.catch(() => null);
  if (!road) return;
  road.gone.abort(new LinkInterrupted('the connection is not needed any more'));
  await road.exchange.close();
  await road.connection.close();
}

function isHangUp(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
