import { durationMilliseconds } from '../../api/duration.ts';
import type { LinkStatus } from '../../api/messages/link.ts';
import type { Trial } from '../../api/plan/trial.ts';
import type { Usage } from '../../api/record/record.ts';
import { formatTraceparent, newTrace, type TraceContext } from '../../api/trace/context.ts';
import { openPart } from '../experiment.ts';
import type { Session } from '../inference/session.ts';
import { type ClockMap, type ClockProbe, fitClock, probeClock } from '../measure/clock.ts';
import { monotonicMs } from '../measure/now.ts';
import type { Exchange } from '../transport/exchange.ts';
import { type Arrival, type Route, travel } from './journey.ts';
import type { AchievedLink } from './judge.ts';
import type { Lane } from './lane.ts';
import { phaseClock } from './phases.ts';

/** One timed repetition. */
export interface Repetition {
  readonly index: number;
  readonly arrival: Arrival;
  readonly trace: TraceContext;
}

/** What one attempt at a visit measured. */
export interface Measurement {
  readonly repetitions: readonly Repetition[];
  readonly stoppedBy: 'Repetitions' | 'TimeLimit';
  readonly coldStart: { readonly loadMilliseconds: number; readonly firstRunMilliseconds: number | null };
  /** Null for LocalOnly. */
  readonly clock: ClockMap | null;
  readonly achieved: AchievedLink;
  readonly linkStatus: LinkStatus | null;
  readonly local: Usage | null;
  readonly remote: Usage | null;
  /** From the first to the end of the last repetition. */
  readonly elapsedMs: number;
}

const clockProbes = 16;
/** Far beyond any inference: what takes longer hangs. */
const inferenceTimeoutMs = 600_000;

/** Opens the sessions of a trial on both sides, warms them up, and measures. Whatever it opened is closed again. */
export async function measureTrial(
  lane: Lane,
  trial: Trial,
  sharedHost: boolean,
  signal: AbortSignal,
): Promise<Measurement> {
  const { spec } = lane.experiment;
  const remote = trial.cut.kind === 'LocalOnly' ? null : lane.remote;
  const { phases, ended } = phaseClock(trial.trialId);
  const { session, loadMs } = await openBoth(lane, trial, sharedHost, signal);
  ended('opened');
  phases.loadMs = loadMs;
  try {
    const link = trial.link && (await lane.link.use(trial.link, signal));
    ended('linkReady');
    const go = traveller(lane, trial, session, link?.exchange ?? null, signal);

    // The first run is always a cold one: it pages the weights in and is recorded apart.
    const first = await go(0, true);
    for (let index = 1; index < spec.measurement.warmup; index++) await go(index, true);
    ended('warmedUp');

    const clockBefore = remote ? await probeClock(() => remote.clock(), clockProbes) : null;
    ended('clockBefore');
    const before = link && clockBefore ? await link.probe(leastRttMs(clockBefore), signal) : null;
    ended('linkBefore');
    await link?.resetStatistics();
    await remote?.startUsage();
    lane.usage.start();
    const startedMs = monotonicMs();
    const { repetitions, stoppedBy } = await repeat(lane, trial, go);
    const elapsedMs = monotonicMs() - startedMs;
    ended('repeated');
    const local = lane.usage.stop();
    const usedRemotely = remote ? await remote.stopUsage() : null;
    const linkStatus = link ? await link.status({ bursts: spec.telemetry !== undefined }) : null;
    ended('usageRead');
    const clockAfter = remote ? await probeClock(() => remote.clock(), clockProbes) : null;
    ended('clockAfter');
    const after = link && clockAfter ? await link.probe(leastRttMs(clockAfter), signal) : null;
    ended('linkAfter');
    return {
      repetitions,
      stoppedBy,
      elapsedMs,
      coldStart: { loadMilliseconds: loadMs.local + loadMs.remote, firstRunMilliseconds: computeMs(first.arrival) },
      clock: clockBefore && clockAfter ? fitClock(clockBefore, clockAfter) : null,
      achieved: { before, after },
      linkStatus,
      local,
      remote: usedRemotely,
    };
  } finally {
    await session?.close();
    ended('closed');
    lane.log.debug({ phases }, 'visit measured');
  }
}

/** The shortest round trip on the control connection, without the remote side's own time. */
function leastRttMs(probes: readonly ClockProbe[]): number {
  return Math.min(...probes.map(({ t1, t2, t3, t4 }) => t4 - t1 - (t3 - t2)));
}

/** Sessions of both sides, opened at the same time; the remote one closes its own with the next request. */
async function openBoth(
  { experiment, remote }: Lane,
  { cut, batchSize }: Trial,
  sharedHost: boolean,
  signal: AbortSignal,
): Promise<{ session: Session | null; loadMs: { local: number; remote: number } }> {
  const { kind } = cut;
  const tensors = cut.tensors.map(({ name }) => name);
  const openLocal = async () => {
    if (kind !== 'Cut' && kind !== 'LocalOnly') return null;
    const part = { kind, tensors, side: 'local' } as const;
    return openPart(experiment, part, batchSize, { worker: experiment.spec.local, sharedHost, signal });
  };
  const openRemote = async () => {
    if (kind === 'LocalOnly') return { loadMilliseconds: 0 };
    return remote.prepare({ kind, tensors, batchSize, sharedHost });
  };
  const [local, there] = await Promise.allSettled([openLocal(), openRemote()]);
  if (local.status === 'fulfilled' && there.status === 'fulfilled') {
    const session = local.value;
    return { session, loadMs: { local: session?.loadMilliseconds ?? 0, remote: there.value.loadMilliseconds } };
  }
  if (local.status === 'fulfilled') await local.value?.close();
  throw local.status === 'rejected' ? local.reason : there.status === 'rejected' ? there.reason : new Error();
}

type Go = (index: number, resend: boolean) => Promise<Repetition>;

function traveller(
  lane: Lane,
  trial: Trial,
  session: Session | null,
  exchange: Exchange | null,
  signal: AbortSignal,
): Go {
  const route: Route = {
    kind: trial.cut.kind,
    codec: trial.codec,
    transfer: trial.transfer,
    batchSize: trial.batchSize,
    inputs: lane.inputs,
    session,
    crossing: trial.cut.tensors.map(({ name }) => name),
    exchange,
    labels: lane.experiment.labels,
  };
  return async (index, resend) => {
    const trace = newTrace(true);
    const traceparent = formatTraceparent(trace);
    const departure = { index, traceparent, resend, timeoutMs: inferenceTimeoutMs, signal };
    return { index, trace, arrival: await travel(route, { ...departure, outputs: 'AsConfigured' }) };
  };
}

/** SingleStream: the next inference starts when the last has arrived, until all are done or the time is up. */
async function repeat(
  { experiment, inputs }: Lane,
  { batchSize }: Trial,
  go: Go,
): Promise<Pick<Measurement, 'repetitions' | 'stoppedBy'>> {
  const { repetitions: wanted, timeLimit } = experiment.spec.measurement;
  const deadlineMs = monotonicMs() + durationMilliseconds(timeLimit);
  const count = wholePasses(wanted, inputs.items.length, batchSize);
  const repetitions: Repetition[] = [];
  while (repetitions.length < count) {
    const repetition = await go(repetitions.length, false);
    if (monotonicMs() > deadlineMs) return { repetitions, stoppedBy: 'TimeLimit' };
    repetitions.push(repetition);
  }
  return { repetitions, stoppedBy: 'Repetitions' };
}

/** The least number of inferences that is `wanted` or more and goes through all inputs equally often. */
export function wholePasses(wanted: number, inputs: number, batchSize: number): number {
  const pass = inputs / greatestCommonDivisor(inputs, batchSize);
  return Math.ceil(wanted / pass) * pass;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Head plus tail of one inference, in ms: on one clock each, so that no offset enters. */
function computeMs({ marks }: Arrival): number {
  const { local, remote } = marks;
  const head = local.headDoneMs === null ? 0 : local.headDoneMs - (local.preprocessedMs ?? local.startedMs);
  const before = remote && (remote.preprocessedMs ?? remote.decodedMs ?? remote.startedMs);
  return head + (remote && before !== null ? remote.tailDoneMs - before : 0);
}
