import type { V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { manifestSchema } from '../../../api/manifest/manifest.ts';
import { specDigest } from '../../../api/status/spec-digest.ts';
import type { ExperimentStatus } from '../../../api/status/status.ts';
import type { Side } from '../../../api/subjects.ts';
import { labelKeys } from '../../pod/labels.ts';
import { podName } from '../../pod/name.ts';
import type { Stored } from '../../runtime/objects.ts';
import type { Wire } from '../../runtime/wire.ts';
import { type Decision, decide } from '../decide/decide.ts';
import type { Observed, ParsedSpec, Progress, Results } from '../decide/observed.ts';

export const start = new Date('2026-01-31T12:00:00Z');

export function secondsAfter(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}

/** A valid spec with these members replaced. */
export function specFixture(members: Readonly<Record<string, unknown>> = {}): ParsedSpec {
  const manifest = manifestSchema.parse({
    apiVersion: 'splitlab.dev/v1alpha1',
    kind: 'SplitExperiment',
    metadata: { name: 'quick', namespace: 'lab' },
    spec: { model: { zoo: 'DigitsCnn' }, ...members },
  });
  return { ok: true, manifest, digest: specDigest(manifest.spec) };
}

/** A new experiment of one lane, with these parts replaced. */
export function observedFixture(changes: Partial<Observed> = {}): Observed {
  return {
    now: start,
    experiment: { name: 'quick', namespace: 'lab', uid: 'u1', generation: 1 },
    status: {},
    spec: specFixture(),
    ttlSeconds: null,
    pods: [],
    seenPods: new Set(),
    obstacles: new Map(),
    storeProblem: null,
    storeId: 'a1',
    isolated: true,
    progress: null,
    ignoredTraceparent: null,
    results: null,
    ...changes,
  };
}

/** The status of an experiment that was started at `start`. */
export function startedStatus(spec: ParsedSpec = specFixture()): ExperimentStatus {
  return decide(observedFixture({ spec })).status;
}

/** A running experiment whose records are followed, with these parts replaced. */
export function runningFixture(changes: Partial<Observed> = {}): Observed {
  const spec = changes.spec ?? specFixture();
  return observedFixture({
    now: secondsAfter(start, 60),
    status: startedStatus(spec),
    progress: progressFixture(),
    spec,
    ...changes,
  });
}

export function progressFixture(changes: Partial<Progress> = {}): Progress {
  return {
    plan: null,
    visits: { completed: 0, rejected: 0, failed: 0 },
    announced: new Map(),
    fetches: [],
    figures: { best: [], pareto: [] },
    ...changes,
  };
}

/** A plan of ten visits of which this many are accepted. */
export function measured(completed: number, changes: Partial<Progress> = {}): Progress {
  const plan = { digest: `sha256:${'0'.repeat(64)}`, total: 10, warnings: [] };
  return progressFixture({ plan, visits: { completed, rejected: 0, failed: 0 }, ...changes });
}

export function resultsFixture(completed: number, changes: Partial<Results['visits']> = {}): Results {
  const figures = {
    model: 'DigitsCnn',
    bestCut: 'conv1',
    bestTrace: 'f'.repeat(32),
    latencyP50: '12.3ms',
    link: 'none',
    best: [],
    pareto: [],
  };
  return { total: 10, visits: { completed, rejected: 0, failed: 0, ...changes }, figures };
}

export interface PodChanges {
  readonly lane?: number;
  readonly podAttempt?: number;
  readonly status?: Wire<V1PodStatus>;
  readonly deleting?: boolean;
  readonly uid?: string;
}

/** A pod of the experiment; by default it was just made. */
export function podFixture(side: Side, changes: PodChanges = {}): Stored<Wire<V1Pod>> {
  const { lane = 0, podAttempt = 0, status = { phase: 'Pending' }, deleting = false } = changes;
  const name = podName('quick', lane, side, podAttempt);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'lab',
      uid: changes.uid ?? `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: start.toISOString(),
      labels: { [labelKeys.lane]: String(lane), [labelKeys.side]: side, [labelKeys.podAttempt]: String(podAttempt) },
      ...(deleting && { deletionTimestamp: start.toISOString() }),
    },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'worker', image: 'w', resources: { limits: { memory: '512Mi' } } }],
    },
    status,
  };
}

/** What the kubelet writes of a worker that runs and is ready. */
export const ready: Wire<V1PodStatus> = {
  phase: 'Running',
  conditions: [
    { type: 'PodScheduled', status: 'True' },
    { type: 'Ready', status: 'True' },
  ],
  containerStatuses: [containerStatus({ running: {} }, true)],
};

/** What the kubelet writes of a worker that ended with this exit status. */
export function ended(exitCode: number, message?: string, reason?: string): Wire<V1PodStatus> {
  const finishedAt = secondsAfter(start, 30).toISOString();
  const terminated = { exitCode, finishedAt, ...(message !== undefined && { message }), ...(reason && { reason }) };
  return {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [containerStatus({ terminated }, false)],
  };
}

/** What the kubelet writes of a worker that waits. */
export function waits(reason: string, message: string): Wire<V1PodStatus> {
  return {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [containerStatus({ waiting: { reason, message } }, false)],
  };
}

/** What the scheduler writes of a pod that fits nowhere. */
export function unschedulable(message: string): Wire<V1PodStatus> {
  return {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
  };
}

function containerStatus(state: object, isReady: boolean) {
  return { name: 'worker', image: 'w', imageID: '', ready: isReady, restartCount: 0, state };
}

/** A condition of a decision in short: `status reason: message`. */
export function conditionText({ status }: Decision, type: string): string {
  const found = status.conditions?.find((condition) => condition.type === type);
  return found ? `${found.status} ${found.reason}: ${found.message}` : 'absent';
}
