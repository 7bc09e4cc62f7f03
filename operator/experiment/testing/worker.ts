import type { Announcement, PlanMessage } from '../../../api/messages/worker.ts';
import type { VisitRecord } from '../../../api/record/record.ts';
import { recordFixture, sampleFixture } from '../../../api/record/testing/fixture.ts';
import type { Side, subjects } from '../../../api/subjects.ts';
import { toolVersion } from '../../../api/version.ts';
import type { Store } from '../../../store/store.ts';

type Names = ReturnType<typeof subjects>;
type Writer = Pick<Store, 'append'>;

/** What a worker writes when it is ready. */
export async function announce(store: Writer, names: Names, side: Side, podAttempt = 0): Promise<void> {
  const { runtime, local } = recordFixture();
  const { node, pod, cpuModel, cores, cpuset, executionProvider, gpu, threads } = local;
  const message: Announcement = {
    side,
    lane: 0,
    podAttempt,
    instance: `${side}-${podAttempt}`,
    toolVersion,
    modelDigest: 'sha256:0',
    bootId: null,
    runtime,
    machine: { node, pod, podAttempt, cpuModel, cores, cpuset, executionProvider, gpu, threads },
    podUid: null,
    kubernetes: null,
    process: null,
    memoryTotalBytes: null,
  };
  await store.append(names.worker(0, side), message);
}

export async function storePlan(store: Writer, names: Names, total: number): Promise<void> {
  const plan: PlanMessage = { digest: `sha256:${'0'.repeat(64)}`, total, warnings: [] };
  await store.append(names.plan, plan);
}

/** Stores a visit as a worker does: its samples, then its record. */
export async function storeVisit(store: Writer, names: Names, changes: Partial<VisitRecord> = {}): Promise<void> {
  const record = recordFixture(changes);
  const { visitId, attempt } = record;
  const samples = [10, 11, 12].map((ms, repetition) => sampleFixture(repetition, ms));
  await store.append(names.samples(visitId, attempt, 0), { visitId, attempt, part: 0, samples });
  await store.append(names.record(visitId, attempt), record);
}
