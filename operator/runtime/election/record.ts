import type { V1LeaseSpec } from '@kubernetes/client-node';
import type { Wire } from '../wire.ts';

/** A time as a Lease writes it: RFC 3339 with six decimals, fewer are refused. */
export function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}

export interface Holding {
  readonly identity: string;
  readonly leaseDurationMs: number;
  readonly now: Date;
}

/** The lease as this candidate holds it next: a renewal of its own, or a transition from another. */
export function heldBy(
  { identity, leaseDurationMs, now }: Holding,
  before: Wire<V1LeaseSpec> | undefined,
): Wire<V1LeaseSpec> {
  const own = before?.holderIdentity === identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
    acquireTime: (own && before.acquireTime) || microTime(now),
    renewTime: microTime(now),
    leaseTransitions: (before?.leaseTransitions ?? 0) + (before && !own ? 1 : 0),
  };
}

/** The lease given up: nobody holds it, and it ends at once. */
export function released(before: Wire<V1LeaseSpec> | undefined, now: Date): Wire<V1LeaseSpec> {
  return {
    leaseDurationSeconds: 1,
    acquireTime: microTime(now),
    renewTime: microTime(now),
    leaseTransitions: before?.leaseTransitions ?? 0,
  };
}
