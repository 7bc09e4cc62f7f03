import type { V1Pod } from '@kubernetes/client-node';
import { type ExperimentStatus, readStatus } from '../../../api/status/status.ts';
import type { ObjectKey, Stored } from '../../runtime/objects.ts';
import { isControlledBy } from '../../runtime/owner.ts';
import type { Wire } from '../../runtime/wire.ts';
import { type ReconcilerContext, scopeOf } from '../context.ts';
import type { Observed, ParsedSpec, Progress } from '../decide/observed.ts';
import { type Experiment, namespaceOf, parseSpec, ttlSecondsOf } from '../experiment.ts';
import type { ExperimentMemory } from '../memory.ts';
import { statusIntervalMs } from '../pace.ts';
import { type ExperimentTrace, traceOf } from '../trace.ts';

type Pod = Stored<Wire<V1Pod>>;

export interface Gathered {
  readonly object: Experiment;
  readonly memory: ExperimentMemory;
  readonly trace: ExperimentTrace;
  readonly observed: Observed;
}

/** Specs by cached object, so that each version of an object is parsed once. */
const specs = new WeakMap<Experiment, ParsedSpec>();

/** Everything that a decision about an experiment depends on, from caches alone; null where it is gone or going. */
export function gather(context: ReconcilerContext, request: ObjectKey): Gathered | null {
  const cached = context.experiments.get(request);
  if (!cached) return null;
  if (cached.metadata.deletionTimestamp !== undefined) {
    context.followers.drop(cached.metadata.uid);
    return null;
  }
  const memory = context.memories.of(cached.metadata.uid);
  const object = newerOf(cached, memory);
  const { name, uid, generation = 0 } = object.metadata;
  const experiment = { name, uid, generation, namespace: namespaceOf(object.metadata) };
  const status = readStatus(object.status);
  const pods = podsOf(context, object, memory);
  const trace = traceOf(object);
  const observed: Observed = {
    now: context.clock.wall(),
    experiment,
    status,
    // An experiment that is over needs no spec, and a thousand of them would take a second to read.
    get spec() {
      return specOf(object);
    },
    ttlSeconds: ttlSecondsOf(object),
    pods,
    seenPods: memory.seen,
    obstacles: memory.obstacles,
    storeProblem: context.storeProblem(),
    storeId: context.storeId(),
    isolated: context.issuer.isolated,
    ignoredTraceparent: trace.ignored,
    progress: progressOf(context, { object, status, pods, memory }),
    results: null,
  };
  return { object, memory, trace, observed };
}

/** The records of an experiment are followed while it has something to do. */
function progressOf(
  context: ReconcilerContext,
  {
    object,
    status,
    pods,
    memory,
  }: { object: Experiment; status: ExperimentStatus; pods: Pod[]; memory: ExperimentMemory },
): Progress | null {
  const { name, uid } = object.metadata;
  const namespace = namespaceOf(object.metadata);
  const active = status.startTime !== undefined && status.completionTime === undefined;
  const spec = active ? specOf(object) : null;
  if (!spec?.ok || (status.activeSince === undefined && pods.length === 0)) {
    context.followers.drop(uid);
    return null;
  }
  const { objectives, links, backoffLimit } = spec.manifest.spec;
  const onChange = (soon: boolean) => context.enqueue({ namespace, name }, soon ? 0 : untilNextWrite(context, memory));
  return context.followers.progress({
    scope: scopeOf(context, { namespace, uid }),
    objectives,
    links,
    backoffLimit,
    onChange,
  });
}

function untilNextWrite({ clock }: ReconcilerContext, { wroteStatusAtMs }: ExperimentMemory): number {
  return wroteStatusAtMs === null ? 0 : Math.max(0, wroteStatusAtMs + statusIntervalMs - clock.monotonic());
}

function specOf(object: Experiment): ParsedSpec {
  const known = specs.get(object);
  if (known) return known;
  const parsed = parseSpec(object);
  specs.set(object, parsed);
  return parsed;
}

/** The answer to our last write, while the cache is behind it. */
function newerOf(cached: Experiment, memory: ExperimentMemory): Experiment {
  const { latest } = memory;
  if (!latest) return cached;
  if (BigInt(latest.metadata.resourceVersion) > BigInt(cached.metadata.resourceVersion)) return latest;
  memory.latest = null;
  return cached;
}

/** Pods that this experiment controls, as they are with what was asked for a moment ago. */
function podsOf(
  { pods, clock }: ReconcilerContext,
  object: Experiment,
  { created, deleted, seen }: ExperimentMemory,
): Pod[] {
  const cached = pods.byIndex('owner', object.metadata.uid).filter((pod) => isControlledBy(pod, object));
  const names = new Set(cached.map(({ metadata }) => metadata.name));
  for (const name of names) seen.add(name);
  const own = [...cached, ...[...created.values()].filter(({ metadata }) => !names.has(metadata.name))];
  return own.map((pod) => {
    if (!deleted.has(pod.metadata.uid) || pod.metadata.deletionTimestamp !== undefined) return pod;
    return { ...pod, metadata: { ...pod.metadata, deletionTimestamp: clock.wall().toISOString() } };
  });
}
