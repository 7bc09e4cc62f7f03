import { connect, type NatsConnection } from 'nats';
import type { VisitRecord } from '../../../api/record/record.ts';
import { recordFixture, sampleFixture } from '../../../api/record/testing/fixture.ts';
import { subjects } from '../../../api/subjects.ts';
import { type Archive, openArchive } from '../../../store/archive.ts';
import { openStore, type Store } from '../../../store/store.ts';

/** Streams of a test's server, and the hands on them. */
export interface Stored {
  readonly store: Store;
  readonly archive: Archive;
  readonly connection: NatsConnection;
}

export const cluster = 'test-cluster';

export function namesOf(uid: string, namespace = 'default') {
  return subjects({ cluster, namespace, uid });
}

/** A connection to a server with both streams made; disposing closes it. */
export async function openStored(options: Parameters<typeof connect>[0]): Promise<Stored & AsyncDisposable> {
  const connection = await connect(options);
  const store = openStore(connection, { patienceMs: 5_000 });
  await store.ensureStreams();
  return { connection, store, archive: openArchive(connection), [Symbol.asyncDispose]: () => connection.close() };
}

/** Stores the samples of an attempt and then its record, as a worker does. */
export async function storeVisit(
  store: Store,
  names: ReturnType<typeof subjects>,
  record: VisitRecord,
  samples = [10, 11, 12],
): Promise<void> {
  const { visitId, attempt } = record;
  const message = {
    visitId,
    attempt,
    part: 0,
    samples: samples.map((ms, repetition) => sampleFixture(repetition, ms)),
  };
  await store.create(names.samples(visitId, attempt, 0), message);
  await store.create(names.record(visitId, attempt), record);
}

/** Records of `count` trials in `blocks` blocks, block by block, as one lane leaves them. */
export function recordsOf(count: number, blocks = 1): VisitRecord[] {
  return Array.from({ length: count * blocks }, (_, index) =>
    recordFixture({ trialId: (index % count).toString(16).padStart(16, '0'), block: Math.floor(index / count) }),
  );
}
