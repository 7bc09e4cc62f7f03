import assert from 'node:assert/strict';
import type { V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { findCondition } from '../../../api/status/conditions.ts';
import type { ExperimentStatus } from '../../../api/status/status.ts';
import type { Side } from '../../../api/subjects.ts';
import { labelKeys } from '../../pod/labels.ts';
import type { Stored } from '../../runtime/objects.ts';
import type { Wire } from '../../runtime/wire.ts';
import { decide } from '../decide/decide.ts';
import type { PodKey, PodRemoval } from '../decide/draft.ts';
import { currentPod } from '../decide/lanes.ts';
import { finalVisits, type Observed, workerKey } from '../decide/observed.ts';
import {
  ended,
  measured,
  observedFixture,
  podFixture,
  ready,
  resultsFixture,
  secondsAfter,
  specFixture,
  start,
  unschedulable,
} from './observed.ts';

type Pod = Stored<Wire<V1Pod>>;

/** What may happen to a pod. */
export type Fate =
  | 'Ready'
  | 'Crash'
  | 'OutOfMemory'
  | 'Evicted'
  | 'Deleted'
  | 'Gone'
  | 'Unschedulable'
  | 'NodeLost'
  | 'Fatal';

const statuses: Readonly<Partial<Record<Fate, Wire<V1PodStatus>>>> = {
  Ready: ready,
  Crash: ended(1, 'boom'),
  OutOfMemory: ended(137, '', 'OOMKilled'),
  Evicted: { phase: 'Failed', reason: 'Evicted', message: 'low on disk' },
  Unschedulable: unschedulable('0/2 nodes are available'),
  Fatal: ended(2, '{"fatal":{"code":"ModelInvalid","message":"no layer"}}'),
};

export interface SimulationOptions {
  readonly lanes: number;
  readonly activeDeadlineSeconds?: number;
}

/**
 * A cluster with one experiment: what the API server and the store hold, and what an operator without memory sees of it in
 * caches that lag behind. It checks with every step what must never happen.
 */
export class SimulatedCluster {
  readonly #lanes: number;
  readonly #deadline: number | undefined;
  #now = start;
  #suspend = false;
  #storeAway = false;
  #followed = false;
  #status: ExperimentStatus = {};
  #version = 0;
  #pods = new Map<string, Pod>();
  #uids = 0;
  #final = 0;
  #announced = new Map<string, number>();
  #seen: { status: ExperimentStatus; version: number; pods: readonly Pod[] } = { status: {}, version: 0, pods: [] };

  constructor({ lanes, activeDeadlineSeconds }: SimulationOptions) {
    this.#lanes = lanes;
    this.#deadline = activeDeadlineSeconds;
  }

  get isOver(): boolean {
    return this.#status.completionTime !== undefined && this.#pods.size === 0;
  }

  get status(): ExperimentStatus {
    return this.#status;
  }

  pass(seconds: number): void {
    this.#now = secondsAfter(this.#now, seconds);
  }

  suspend(value: boolean): void {
    this.#suspend = value;
  }

  storeAway(value: boolean): void {
    this.#storeAway = value;
  }

  /** The watch of the experiment, or that of its pods, brings what is new. */
  sync(what: 'Status' | 'Pods'): void {
    this.#seen =
      what === 'Status'
        ? { ...this.#seen, status: this.#status, version: this.#version }
        : { ...this.#seen, pods: [...this.#pods.values()] };
    this.#followed = true;
  }

  /** A new operator lists everything, and has read no record yet. */
  restartOperator(): void {
    this.sync('Status');
    this.sync('Pods');
    this.#followed = false;
  }

  /** One pass of the operator, which is killed after `steps` of what it wants to do. */
  reconcile(steps = Number.POSITIVE_INFINITY): void {
    const observed = this.#observed();
    const first = decide(observed);
    const decision = first.readResults ? decide({ ...observed, results: this.#results() }) : first;
    const actions = [
      ...(decision.status === observed.status ? [] : [() => this.#write(decision.status)]),
      ...decision.create.map((key) => () => this.#create(key)),
      ...decision.remove.map((removal) => () => this.#delete(removal)),
    ];
    for (const action of actions.slice(0, steps)) if (!action()) return;
  }

  /** Something happens to one of the pods. */
  befall(index: number, fate: Fate): void {
    const pod = [...this.#pods.values()][index % Math.max(1, this.#pods.size)];
    if (!pod) return;
    const { name } = pod.metadata;
    const over = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
    if (fate === 'Gone' || (fate === 'Deleted' && over)) {
      this.#pods.delete(name);
      return;
    }
    if (over) return;
    const deletionTimestamp = pod.metadata.deletionTimestamp ?? this.#now.toISOString();
    if (fate === 'Deleted' || fate === 'NodeLost') {
      const conditions =
        fate === 'NodeLost' ? [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }] : [];
      const status = { ...pod.status, conditions: [...(pod.status?.conditions ?? []), ...conditions] };
      this.#pods.set(name, { ...pod, metadata: { ...pod.metadata, deletionTimestamp }, status });
      return;
    }
    const status = statuses[fate] ?? {};
    this.#pods.set(name, { ...pod, status: stamped(status, this.#now) });
    if (fate === 'Ready')
      this.#announced.set(sideOf(pod), Math.max(attemptOf(pod), this.#announced.get(sideOf(pod)) ?? 0));
  }

  /** Workers do what they can: visits become final, and a local worker with none left ends. */
  work(): void {
    const isReady = (pod: Pod) => pod.status?.phase === 'Running' && pod.metadata.deletionTimestamp === undefined;
    for (const local of this.#pods.values()) {
      if (local.metadata.labels?.[labelKeys.side] !== 'local' || !isReady(local)) continue;
      const lane = local.metadata.labels?.[labelKeys.lane];
      const remote = [...this.#pods.values()].some((pod) => sideOf(pod) === `${lane}/remote` && isReady(pod));
      if (remote && this.#final < 10) this.#final++;
      if (this.#final === 10) this.#pods.set(local.metadata.name, { ...local, status: stamped(ended(0), this.#now) });
    }
  }

  /** Everything gets on as it does in a quiet cluster. */
  calm(): void {
    this.suspend(false);
    this.storeAway(false);
    for (const pod of [...this.#pods.values()]) {
      const index = [...this.#pods.keys()].indexOf(pod.metadata.name);
      if (pod.metadata.deletionTimestamp !== undefined) this.befall(index, 'Gone');
      else if (pod.status?.phase === 'Pending') this.befall(index, 'Ready');
    }
    this.work();
    this.pass(70);
    this.sync('Status');
    this.sync('Pods');
    this.reconcile();
  }

  #observed(): Observed {
    const spec = specFixture({
      lanes: this.#lanes,
      suspend: this.#suspend,
      ...(this.#deadline !== undefined && { activeDeadlineSeconds: this.#deadline }),
    });
    const follows = this.#followed && !this.#storeAway && this.#seen.status.startTime !== undefined;
    return observedFixture({
      now: this.#now,
      spec,
      status: this.#seen.status,
      pods: this.#seen.pods,
      storeProblem: this.#storeAway ? 'no answer' : null,
      storeId: this.#storeAway ? null : 'a1',
      progress: follows ? measured(this.#final, { announced: new Map(this.#announced) }) : null,
    });
  }

  #results() {
    return resultsFixture(this.#final);
  }

  #write(status: ExperimentStatus): boolean {
    if (this.#seen.version !== this.#version) return false;
    assert.equal(this.#status.completionTime, undefined, 'a status is final');
    this.#status = status;
    this.#version++;
    return true;
  }

  #create(key: PodKey): boolean {
    const lane = this.#status.lanes?.[key.lane];
    assert.ok(lane && currentPod('quick', lane, key.side).podAttempt >= key.podAttempt, 'written before it is made');
    assert.equal(this.#status.completionTime, undefined, 'nothing is made after the end');
    const announced = this.#announced.get(workerKey(key.lane, key.side)) ?? -1;
    if (this.#pods.has(key.name)) return true;
    assert.ok(announced < key.podAttempt, `${key.name} is made a second time after it announced itself`);
    const uid = `uid-${this.#uids++}`;
    this.#pods.set(key.name, podFixture(key.side, { lane: key.lane, podAttempt: key.podAttempt, uid }));
    return true;
  }

  #delete({ name, uid }: PodRemoval): boolean {
    const pod = this.#pods.get(name);
    if (!pod || pod.metadata.uid !== uid) return true;
    const lane = this.#status.lanes?.[Number(pod.metadata.labels?.[labelKeys.lane])];
    const side: Side = pod.metadata.labels?.[labelKeys.side] === 'local' ? 'local' : 'remote';
    const superseded = lane !== undefined && currentPod('quick', lane, side).podAttempt > attemptOf(pod);
    const stored = findCondition(this.#status.conditions, 'ResultsStored')?.status === 'True';
    const over = this.#status.completionTime !== undefined && stored;
    const suspended = findCondition(this.#status.conditions, 'Succeeded')?.reason === 'Suspended';
    assert.ok(over || suspended || superseded, `${name} is deleted though it is needed`);
    this.#pods.set(name, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: this.#now.toISOString() } });
    return true;
  }

  /** Final visits as the test counts them. */
  get finalVisits(): number {
    return this.#status.visits ? finalVisits(this.#status.visits) : 0;
  }
}

function stamped(status: Wire<V1PodStatus>, now: Date): Wire<V1PodStatus> {
  const containerStatuses = status.containerStatuses?.map((container) => {
    const { terminated } = container.state ?? {};
    return terminated
      ? { ...container, state: { terminated: { ...terminated, finishedAt: now.toISOString() } } }
      : container;
  });
  return containerStatuses ? { ...status, containerStatuses } : status;
}

function sideOf({ metadata }: Pod): string {
  return `${metadata.labels?.[labelKeys.lane]}/${metadata.labels?.[labelKeys.side]}`;
}

function attemptOf({ metadata }: Pod): number {
  return Number(metadata.labels?.[labelKeys.podAttempt]);
}
