import type { V1Lease } from '@kubernetes/client-node';
import type { Client } from '../client/client.ts';
import { Conflict, NotFound } from '../client/errors.ts';
import type { CallOptions } from '../client/options.ts';
import type { Clock } from '../clock.ts';
import type { ObjectKey, Stored } from '../objects.ts';
import { leases } from '../resources.ts';
import type { Wire } from '../wire.ts';
import { heldBy, released } from './record.ts';

export interface LeaseLockOptions {
  readonly client: Client;
  readonly lease: ObjectKey;
  readonly identity: string;
  readonly leaseDurationMs: number;
  readonly clock: Clock;
}

type Lease = Stored<Wire<V1Lease>>;

/** The Lease object as one candidate sees it, and since when it has seen it so: clocks of others are never compared. */
export class LeaseLock {
  readonly #options: LeaseLockOptions;
  #lease: Lease | null = null;
  #seenAtMs = 0;

  constructor(options: LeaseLockOptions) {
    this.#options = options;
  }

  /** Who holds the lease as it was last seen; null for nobody. */
  get holder(): string | null {
    return this.#lease?.spec?.holderIdentity || null;
  }

  /**
   * Takes or renews the lease if this candidate may: it holds it, nobody does, or it has not changed for as long as it
   * says that it lasts. Throws what the request ends in.
   * @returns whether this candidate holds it now
   */
  async acquireOrRenew(options: CallOptions): Promise<boolean> {
    const { client, lease, identity } = this.#options;
    if (this.holder === identity) {
      try {
        return await this.#write(options);
      } catch (error) {
        // Someone else wrote: see what.
        if (!(error instanceof Conflict || error instanceof NotFound)) throw error;
      }
    }
    try {
      this.#see(await client.get(leases, lease, options));
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      this.#lease = null;
    }
    return this.#mayTake() ? await this.#write(options) : false;
  }

  /** Gives the lease up, if this candidate holds it, so that another need not wait. */
  async release(options: CallOptions): Promise<void> {
    const { client, identity, clock } = this.#options;
    const lease = this.#lease;
    if (lease === null || this.holder !== identity) return;
    this.#see(await client.update(leases, { ...lease, spec: released(lease.spec, clock.wall()) }, options));
  }

  #mayTake(): boolean {
    const { identity, clock } = this.#options;
    if (this.holder === null || this.holder === identity) return true;
    const lastsMs = (this.#lease?.spec?.leaseDurationSeconds ?? 0) * 1000;
    return clock.monotonic() >= this.#seenAtMs + lastsMs;
  }

  async #write(options: CallOptions): Promise<boolean> {
    const { client, lease, identity, leaseDurationMs, clock } = this.#options;
    const before = this.#lease;
    const spec = heldBy({ identity, leaseDurationMs, now: clock.wall() }, before?.spec);
    const written = before
      ? await client.update(leases, { ...before, spec }, options)
      : await client.create(leases, { metadata: lease, spec }, options);
    this.#see(written);
    return true;
  }

  #see(lease: Lease): void {
    if (this.#lease?.metadata.resourceVersion !== lease.metadata.resourceVersion)
      this.#seenAtMs = this.#options.clock.monotonic();
    this.#lease = lease;
  }
}
