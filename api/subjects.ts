/**
 * NATS subjects of one experiment. Every subject starts with `splitlab.v1.<cluster>.<namespace>.<uid>`, so that one
 * permission covers an experiment and one purge removes it. Tokens are letters, digits, `_` and `-`.
 */
export interface ExperimentScope {
  readonly cluster: string;
  readonly namespace: string;
  readonly uid: string;
}

export type Side = 'local' | 'remote';

const token = /^[A-Za-z0-9_-]{1,128}$/;

function join(...tokens: string[]): string {
  return ['splitlab', 'v1', ...tokens.map(checked)].join('.');
}

function checked(part: string): string {
  if (token.test(part)) return part;
  throw new RangeError(`"${part}" cannot be part of a NATS subject: use letters, digits, _ and -`);
}

/** The subjects of one experiment; `lane` counts from 0. */
export function subjects(scope: ExperimentScope) {
  const root = [scope.cluster, scope.namespace, scope.uid];
  const lane = (index: number, ...rest: string[]) => join(...root, 'lane', String(index), ...rest);
  return {
    /** Everything of this experiment. */
    all: `${join(...root)}.>`,
    /** Prefix of the subjects on which replies to requests of this experiment arrive; the client's `inboxPrefix`. */
    inbox: join(...root, 'inbox'),
    /** Tensor frames from local to remote and back; data connections only. */
    up: (index: number) => lane(index, 'up'),
    down: (index: number) => lane(index, 'down'),
    /** Probes of the link, on the same connections as the frames. */
    probeUp: (index: number) => lane(index, 'probe-up'),
    probeDown: (index: number) => lane(index, 'probe-down'),
    /** Tensor frames of the evaluation pass; control connections only. */
    evaluationUp: (index: number) => lane(index, 'evaluation-up'),
    evaluationDown: (index: number) => lane(index, 'evaluation-down'),
    /** Requests to the remote worker of a lane, on the control connection: `prepare`, `clock`, `usage`. */
    remote: (index: number, request: string) => lane(index, 'remote', request),
    /**
     * Requests to the link emulator of a lane: `configure`, `status`. `pod` is the one that it runs in: while a node is
     * cut off, a lane may have two.
     */
    link: (index: number, pod: string, request: string) => lane(index, 'link', pod, request),
    /** A worker says that it is there; the newest podAttempt per lane and side counts. */
    worker: (index: number, side: Side) => join(...root, 'worker', String(index), side),
    /** How far a worker's download is. */
    fetch: (index: number, side: Side) => join(...root, 'fetch', String(index), side),
    /** Digest and number of visits of the plan; created once. */
    plan: join(...root, 'plan'),
    /** The manifest with all its defaults, as the experiment runs it; created once. */
    manifest: join(...root, 'manifest'),
    /** What becomes of the results when the object is gone; the newest counts. */
    retention: join(...root, 'retention'),
    /** An attempt at a visit has begun. */
    begin: (visitId: string, attempt: number) => join(...root, 'begin', visitId, String(attempt)),
    /** The record of an attempt: its commit. */
    record: (visitId: string, attempt: number) => join(...root, 'record', visitId, String(attempt)),
    /** What the evaluation pass found for one cut and codec. */
    evaluation: (key: string) => join(...root, 'evaluation', key),
    /** Raw samples of an attempt, in parts; they exist once its record does. */
    samples: (visitId: string, attempt: number, part: number) =>
      join(...root, 'samples', visitId, String(attempt), String(part)),
    /** Records of all attempts at a visit. */
    recordsOf: (visitId: string) => `${join(...root, 'record', visitId)}.*`,
    /** All parts of the samples of an attempt. */
    samplesOf: (visitId: string, attempt: number) => `${join(...root, 'samples', visitId, String(attempt))}.*`,
    allFetches: `${join(...root, 'fetch')}.>`,
    allBegins: `${join(...root, 'begin')}.>`,
    allRecords: `${join(...root, 'record')}.>`,
    allEvaluations: `${join(...root, 'evaluation')}.>`,
    allSamples: `${join(...root, 'samples')}.>`,
  };
}

/** Filters over all experiments of a cluster. */
export function clusterSubjects(cluster: string) {
  return {
    all: `${join(cluster)}.>`,
    /** Retention of all experiments, or of those of one namespace. */
    retention: (namespace?: string) =>
      `${join(cluster)}.${namespace === undefined ? '*' : checked(namespace)}.*.retention`,
  };
}

/** The experiment that a subject belongs to; null where it is not one of an experiment. */
export function scopeOf(subject: string): ExperimentScope | null {
  const [product, version, cluster, namespace, uid, kind] = subject.split('.');
  if (product !== 'splitlab' || version !== 'v1' || !cluster || !namespace || !uid || !kind) return null;
  return { cluster, namespace, uid };
}

/** The two streams that all experiments of a NATS server share. */
export const streams = {
  records: {
    name: 'splitlab-records',
    subjects: ['plan', 'manifest', 'retention', 'worker.>', 'fetch.>', 'begin.>', 'record.>', 'evaluation.>'].map(
      (kind) => `splitlab.v1.*.*.*.${kind}`,
    ),
  },
  samples: { name: 'splitlab-samples', subjects: ['splitlab.v1.*.*.*.samples.>'] },
} as const;
