import { ClockProbeError } from './errors.ts';

/** One exchange, in milliseconds: sent and received on the local clock, in between on the remote one. */
export interface ClockProbe {
  /** Local: the request was sent. */
  readonly t1: number;
  /** Remote: the request was received. */
  readonly t2: number;
  /** Remote: the reply was sent. */
  readonly t3: number;
  /** Local: the reply was received. */
  readonly t4: number;
}

/** How the remote clock stands to the local one during a visit. */
export interface ClockMap {
  /** Remote minus local, in the middle of the visit. */
  readonly offsetMs: number;
  /** How much the offset grows, in parts per million of local time. */
  readonly driftPpm: number;
  /** The largest uncertainty between the first and the last exchange. */
  readonly uncertaintyMs: number;
  /** The local time of a remote mark. */
  toLocal(remoteMs: number): number;
  /** How far `toLocal` may be off, either way, at a local time. */
  uncertaintyAt(localMs: number): number;
}

/** Two crystals of ordinary machines differ by less; what a lone batch of exchanges says grows this uncertain. */
const unknownDrift = 100e-6;

/** What one batch of exchanges says about the offset at one local time. */
interface Anchor {
  readonly atMs: number;
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
}

/**
 * Fits the remote clock from the exchanges before and after a visit, in the manner of NTP (RFC 5905, section 8): of
 * each batch the exchange with the least round trip counts, whose offset lies within half of that round trip whatever
 * the delays each way. The line through both gives offset and drift. The uncertainty between them is that of
 * both ends, weighted, plus the drift times the time to the nearer end; outside it grows with the slope's own
 * uncertainty. Where the batches are too close to tell the drift within 100 ppm, or without `after`, it is taken as
 * 0 +- 100 ppm and the better batch counts alone. All probes must belong to one process on each side.
 * Throws `ClockProbeError` where a batch is empty or its times are impossible.
 */
export function fitClock(before: readonly ClockProbe[], after: readonly ClockProbe[] = []): ClockMap {
  const first = anchor(before);
  if (after.length === 0) return clockMap(first, first, 0, unknownDrift);
  const last = anchor(after);
  const spanMs = last.atMs - first.atMs;
  if (!(spanMs > 0)) throw new ClockProbeError(`the second batch of clock probes is ${-spanMs} ms before the first`);
  const slopeUncertainty = (first.uncertaintyMs + last.uncertaintyMs) / spanMs;
  if (slopeUncertainty > unknownDrift) {
    const better = first.uncertaintyMs <= last.uncertaintyMs ? first : last;
    return clockMap(better, better, 0, unknownDrift, spanMs);
  }
  return clockMap(first, last, (last.offsetMs - first.offsetMs) / spanMs, slopeUncertainty);
}

/** Asks `count` times, one after the other, so that no exchange waits behind another. */
export async function probeClock(request: () => Promise<ClockProbe>, count: number): Promise<ClockProbe[]> {
  const probes: ClockProbe[] = [];
  for (let index = 0; index < count; index++) probes.push(await request());
  return probes;
}

function anchor(probes: readonly ClockProbe[]): Anchor {
  const [best] = probes.map((probe) => ({ probe, roundTripMs: roundTrip(probe) })).sort(byRoundTrip);
  if (!best) throw new ClockProbeError('there is no clock probe: exchange at least one');
  const { t1, t2, t3, t4 } = best.probe;
  // The two directions bound the offset at two moments of the exchange, between which it may drift.
  const driftMs = (t4 - t1) * unknownDrift;
  return {
    atMs: (t1 + t4) / 2,
    offsetMs: (t2 - t1 + (t3 - t4)) / 2,
    uncertaintyMs: best.roundTripMs / 2 + driftMs,
  };
}

function byRoundTrip(a: { roundTripMs: number }, b: { roundTripMs: number }): number {
  return a.roundTripMs - b.roundTripMs;
}

function roundTrip({ t1, t2, t3, t4 }: ClockProbe): number {
  const roundTripMs = t4 - t1 - (t3 - t2);
  if (!(t4 >= t1 && t3 >= t2 && roundTripMs >= 0)) {
    throw new ClockProbeError(`a clock probe runs backwards: ${JSON.stringify({ t1, t2, t3, t4 })}`);
  }
  return roundTripMs;
}

/** `reachMs`: how far from the only anchor the visit goes. */
function clockMap(first: Anchor, last: Anchor, drift: number, slopeUncertainty: number, reachMs = 0): ClockMap {
  const spanMs = last.atMs - first.atMs;
  const uncertaintyAt = (localMs: number) => {
    const outsideMs = Math.max(first.atMs - localMs, localMs - last.atMs, 0);
    const share = spanMs > 0 ? Math.min(1, Math.max(0, (localMs - first.atMs) / spanMs)) : 0;
    const ageMs = Math.min(Math.abs(localMs - first.atMs), Math.abs(localMs - last.atMs));
    const ends = first.uncertaintyMs * (1 - share) + last.uncertaintyMs * share;
    // An error of the offset moves the local time by so much over the rate of the remote clock.
    return (ends + Math.abs(drift) * ageMs + slopeUncertainty * outsideMs) / (1 + drift);
  };
  const middleMs = (first.atMs + last.atMs) / 2;
  return {
    offsetMs: first.offsetMs + drift * (middleMs - first.atMs),
    driftPpm: drift * 1e6,
    uncertaintyMs: Math.max(...[first.atMs, middleMs, last.atMs + reachMs].map(uncertaintyAt)),
    toLocal: (remoteMs) => first.atMs + (remoteMs - first.atMs - first.offsetMs) / (1 + drift),
    uncertaintyAt,
  };
}
