import { setTimeout as delay } from 'node:timers/promises';
import type { Link } from '../../api/manifest/link.ts';
import { type LinkProfile, type LinkStatus, linkStatusSchema } from '../../api/messages/link.ts';
import { linkProfile } from '../../api/plan/link.ts';
import type { LinkProbe } from '../../api/record/record.ts';
import type { subjects } from '../../api/subjects.ts';
import type { NatsConfig } from '../config.ts';
import { request, WorkerSilent } from '../control.ts';
import { monotonicMs } from '../measure/now.ts';
import { probeLink } from '../measure/probe.ts';
import { type Connection, openConnection } from '../transport/connection.ts';
import { type Exchange, openExchange } from '../transport/exchange.ts';

const controlMs = 5_000;
const retryMs = 100;

/** The way to the remote worker as one trial wants it. */
export interface LinkInUse {
  readonly exchange: Exchange;
  readonly requested: LinkProfile;
  /** Measures rate and delay as they are now. */
  probe(signal: AbortSignal): Promise<LinkProbe>;
  /** What the emulator saw since it was last asked to start anew; null where there is none. */
  status(): Promise<LinkStatus | null>;
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
}

/** `direct` is where the NATS server is; the way through the emulator leads to the same one. */
export function openLaneLink(
  control: Connection,
  direct: NatsConfig,
  names: ReturnType<typeof subjects>,
  lane: number,
): LaneLink {
  const probes = { up: names.probeUp(lane), down: names.probeDown(lane) };
  const roads = new Map<'direct' | 'emulated', { readonly url: string; readonly open: Promise<Road> }>();
  const ask = (name: string, payload: unknown) =>
    request(control.client, names.link(lane, name), payload, linkStatusSchema, controlMs);

  /** An emulator that was started anew listens elsewhere: its old road leads nowhere. */
  async function road(kind: 'direct' | 'emulated', url: string, signal: AbortSignal): Promise<Road> {
    const known = roads.get(kind);
    if (known?.url === url) return known.open;
    if (known) await closeRoad(known.open);
    const open = openRoad({ ...direct, url }, names, lane, signal);
    roads.set(kind, { url, open });
    open.catch(() => roads.delete(kind));
    return open;
  }

  return {
    async ready(link, signal) {
      while (linkProfile(link)) {
        try {
          await ask('status', {});
          return;
        } catch (error) {
          if (!(error instanceof WorkerSilent)) throw error;
          await delay(retryMs, undefined, { signal });
        }
      }
    },
    async use(link, signal) {
      const requested = linkProfile(link);
      if (!requested) return inUse(await road('direct', direct.url, signal), null);
      const { port } = await ask('configure', { profile: requested });
      return inUse(await road('emulated', `nats://${new URL(direct.url).hostname}:${port}`, signal), requested);
    },
    async [Symbol.asyncDispose]() {
      for (const { open } of roads.values()) await closeRoad(open);
    },
  };

  function inUse({ connection, exchange }: Road, requested: LinkProfile): LinkInUse {
    return {
      exchange,
      requested,
      probe: (signal) => probeLink(connection.client, probes, { requested, signal }),
      status: async () => (requested ? ask('status', {}) : null),
      async resetStatistics() {
        if (requested) await ask('status', { resetStatistics: true });
      },
    };
  }
}

async function closeRoad(open: Promise<Road>): Promise<void> {
  const road = await open.catch(() => null);
  await road?.exchange.close();
  await road?.connection.close();
}

async function openRoad(
  nats: NatsConfig,
  names: ReturnType<typeof subjects>,
  lane: number,
  signal: AbortSignal,
): Promise<Road> {
  const connection = await openConnection({ ...nats, name: `local-${lane}-data`, signal });
  const exchange = await openExchange({ connection, up: names.up(lane), down: names.down(lane), now: monotonicMs });
  return { connection, exchange };
}
