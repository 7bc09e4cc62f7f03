import type { Announcement, BeginMessage } from '../../api/messages/worker.ts';
import type { Visit } from '../../api/plan/expand.ts';
import { linkProfile } from '../../api/plan/link.ts';
import type { NextStep } from '../../api/record/finality.ts';
import type { Verdict, VisitRecord } from '../../api/record/record.ts';
import type { Sample } from '../../api/record/samples.ts';
import { WorkerSilent } from '../control.ts';
import { cutOf } from '../experiment.ts';
import { type Host, sharesHost } from '../measure/machine.ts';
import { ProbeFailed } from '../measure/probe.ts';
import { busyIntervals, segmentsOf, segmentTimes } from '../measure/segments.ts';
import { LinkInterrupted, RemoteFailed } from '../transport/errors.ts';
import type { Evaluation } from './evaluation.ts';
import type { Evaluator } from './evaluator.ts';
import type { Measured } from './ideal.ts';
import { judgeLink } from './judge.ts';
import type { Lane } from './lane.ts';
import { type Measurement, measureTrial } from './measure.ts';
import { buildRecord, type MeasuredVisit, samplesOf } from './record.ts';
import { WorkerLost } from './remote-worker.ts';
import { warningsOf } from './warnings.ts';

/** Samples a message holds at most: far below the server's limit on a payload. */
const samplesPerMessage = 200;

/**
 * Runs one attempt at a visit, or gives the visit up, and stores what it leaves: the samples first, then the record as
 * their commit. An error that belongs to the attempt becomes its verdict; only a request to stop is thrown.
 */
export async function runAttempt(
  lane: Lane,
  evaluator: Evaluator,
  visit: Visit,
  step: Exclude<NextStep, { step: 'Done' }>,
  signal: AbortSignal,
): Promise<VisitRecord> {
  const startedAt = new Date();
  const { attempt } = step;
  const remote = visit.trial.link ? await remoteReady(lane, visit, signal) : null;
  const sharedHost = remote === null || sharesHost(hostOf(lane.local), hostOf(remote));
  const done =
    step.step === 'GiveUp'
      ? givenUp()
      : await tryVisit(lane, evaluator, visit, { attempt, remote, sharedHost, startedAt }, signal);
  const measured = done.measured;
  const record = buildRecord(
    {
      config: lane.config,
      planDigest: lane.plan.digest,
      visit,
      attempt,
      startedAt,
      finishedAt: new Date(),
      verdict: done.verdict,
      warnings: measured ? warningsOf(measured.measurement) : [],
      local: lane.local,
      remote,
      sharedHost,
      inputs: { count: lane.inputs.items.length, digest: `sha256:${lane.inputs.digest}` },
      cut: await cutWithBatch(lane, visit),
      output: done.evaluation?.output ?? null,
    },
    measured,
  );
  // What a node that was cut off has measured meanwhile belongs to nobody.
  await lane.fence.verify();
  await storeSamples(lane, visit, attempt, measured?.samples ?? []);
  await lane.store.create(lane.names.record(visit.visitId, attempt), record);
  lane.log.info({ visit: visit.visitId, attempt, ...done.verdict }, 'visit recorded');
  if (measured) lane.spans.export(record, measured, remote);
  lane.metrics.visit(record, measured?.samples ?? [], visit.trial.link && linkProfile(visit.trial.link));
  return record;
}

interface Outcome {
  readonly verdict: Verdict;
  readonly evaluation: Evaluation | null;
  readonly measured: MeasuredVisit | null;
}

interface AttemptContext {
  readonly attempt: number;
  readonly remote: Announcement | null;
  readonly sharedHost: boolean;
  readonly startedAt: Date;
}

async function remoteReady(lane: Lane, { trial }: Visit, signal: AbortSignal): Promise<Announcement> {
  const remote = await lane.remote.ready(signal);
  if (trial.link) await lane.link.ready(trial.link, signal);
  return remote;
}

async function tryVisit(
  lane: Lane,
  evaluator: Evaluator,
  visit: Visit,
  { attempt, remote, sharedHost, startedAt }: AttemptContext,
  signal: AbortSignal,
): Promise<Outcome> {
  const begin: BeginMessage = { podAttempt: lane.config.podAttempt, startedAt: startedAt.toISOString() };
  await lane.store.create(lane.names.begin(visit.visitId, attempt), begin);
  const { trial } = visit;
  const whole = remote ? AbortSignal.any([signal, lane.remote.lost(remote)]) : signal;
  let evaluation: Evaluation | null = null;
  try {
    evaluation = await evaluator.evaluation(trial, sharedHost, whole);
    const { exactness } = evaluation;
    if (exactness && !exactness.withinTolerance) {
      const found = exactness.maxAbsoluteDifference;
      const message = `head and tail differ from the whole model by ${found}, more than tolerance.outputDifference allows`;
      return { verdict: { result: 'Rejected', reason: 'NotExact', message }, evaluation, measured: null };
    }
    const measurement = await measureTrial(lane, trial, sharedHost, whole);
    return { verdict: judge(lane, visit, measurement), evaluation, measured: withSamples(visit, measurement) };
  } catch (error) {
    if (signal.aborted) {
      // Asked to stop: the attempt is given back, so that a resumed run has as many as before.
      await lane.store.withdraw(lane.names.begin(visit.visitId, attempt)).catch(() => {});
      throw signal.reason;
    }
    lane.log.warn({ visit: visit.visitId, attempt, err: error }, 'attempt failed');
    return { verdict: verdictOf(error), evaluation, measured: null };
  }
}

function judge({ experiment }: Lane, { trial }: Visit, measurement: Measurement): Verdict {
  const { measurement: wanted, tolerance } = experiment.spec;
  if (measurement.repetitions.length === 0) {
    const message = `no repetition ended within measurement.timeLimit ${wanted.timeLimit}`;
    return { result: 'Failed', reason: 'TimeLimit', message };
  }
  return judgeLink(trial.link && linkProfile(trial.link), measurement.achieved, tolerance);
}

/** What an error says about the attempt that it ended. */
export function verdictOf(error: unknown): Verdict {
  const message = error instanceof Error ? error.message.slice(0, 4_000) : String(error);
  if (error instanceof LinkInterrupted || error instanceof ProbeFailed)
    return { result: 'Rejected', reason: 'LinkInterrupted', message };
  const startedAnew = error instanceof RemoteFailed && error.remoteCode === 'NothingPrepared';
  if (startedAnew || error instanceof WorkerLost || error instanceof WorkerSilent) {
    return { result: 'Rejected', reason: 'WorkerLost', message };
  }
  return { result: 'Failed', reason: 'InferenceFailed', message };
}

function withSamples({ trial }: Visit, measurement: Measurement): MeasuredVisit {
  const toLocal = measurement.clock?.toLocal ?? ((remoteMs: number) => remoteMs);
  const measured = measurement.repetitions.map((repetition): Measured => {
    const { marks } = repetition.arrival;
    const segments = segmentsOf(marks, toLocal);
    return { repetition, segments, times: segmentTimes(segments), busy: busyIntervals(marks, toLocal) };
  });
  return { measurement, samples: samplesOf(trial.link, trial.transfer, measured), measured };
}

function givenUp(): Outcome {
  const message = 'every attempt began and none left a record: the workers ended in the middle of each';
  return { verdict: { result: 'Failed', reason: 'AttemptsExhausted', message }, evaluation: null, measured: null };
}

async function storeSamples(
  lane: Lane,
  { visitId }: Visit,
  attempt: number,
  samples: readonly Sample[],
): Promise<void> {
  for (let part = 0; part * samplesPerMessage < samples.length; part++) {
    const slice = samples.slice(part * samplesPerMessage, (part + 1) * samplesPerMessage);
    await lane.store.append(lane.names.samples(visitId, attempt, part), { visitId, attempt, part, samples: slice });
  }
}

async function cutWithBatch({ experiment }: Lane, { trial }: Visit): Promise<VisitRecord['cut']> {
  if (trial.cut.kind !== 'Cut') return trial.cut;
  const plan = await experiment.model(trial.batchSize);
  return cutOf(
    plan,
    trial.cut.tensors.map(({ name }) => name),
  );
}

function hostOf({ machine, bootId }: Announcement): Host {
  return { node: machine.node, bootId };
}
