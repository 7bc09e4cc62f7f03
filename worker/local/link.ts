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
  const roads = new Map<string, Promise<Road>>();
  const ask = (name: string, payload: unknown) =>
    request(control.client, names.link(lane, name), payload, linkStatusSchema, controlMs);

  function road(url: string, signal: AbortSignal): Promise<Road> {
    const open = roads.get(url) ?? openRoad({ ...direct, url }, names, lane, signal);
    roads.set(url, open);
    open.catch(() => roads.delete(url));
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
      if (!requested) return inUse(await road(direct.url, signal), null);
      const { port } = await ask('configure', { profile: requested });
      return inUse(await road(`nats://${new URL(direct.url).hostname}:${port}`, signal), requested);
    },
    async [Symbol.asyncDispose]() {
      for (const open of roads.values()) {
        const { connection, exchange } = await open.catch(() => ({ connection: null, exchange: null }));
        await exchange?.close();
        await connection?.close();
      }
    },
  };

  function inUse({ connection, exchange }: Road, requested: LinkProfile): LinkInUse {
    return {
      exchange,
      requested,
      probe: (signal) => probeLink(connection, { names, lane, requested, signal }),
      status: async () => (requested ? ask('status', {}) : null),
      async resetStatistics() {
        if (requested) await ask('status', { resetStatistics: true });
      },
    };
  }
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
