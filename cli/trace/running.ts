import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { subjects } from '../../api/subjects.ts';
import { workerConfigSchema } from '../../api/worker-config.ts';
import { openStore } from '../../store/store.ts';
import { openConnection } from '../../worker/transport/connection.ts';
import { readRecords, readSamples } from '../run/results.ts';
import type { TraceSource } from './source.ts';
import { sumUp } from './trials.ts';

/** A run's server is on this machine: it answers at once or is not there. */
const connectMs = 1_000;

/** What a run that goes on has stored so far, read once; null where it does not go on. */
export async function openRunning(path: string, signal: AbortSignal): Promise<TraceSource | null> {
  const file = await readFile(join(path, 'processes', 'local.json'), 'utf8').catch(() => null);
  if (file === null) return null;
  const { nats, scope } = workerConfigSchema.parse(JSON.parse(file));
  const until = AbortSignal.any([signal, AbortSignal.timeout(connectMs)]);
  const connected = await openConnection({ ...nats, name: 'splitlab-trace', signal: until }).catch(() => null);
  signal.throwIfAborted();
  if (!connected) return null;
  await using connection = connected;
  const store = openStore(connection.client, { patienceMs: connectMs, signal });
  const names = subjects(scope);
  const stored = await readRecords(store, names.allRecords);
  const attempts = await readSamples(store, names.allSamples, stored);
  async function* records() {
    yield* stored;
  }
  async function* samples() {
    for (const { visitId, attempt, samples: own } of attempts) {
      for (const sample of own) yield { visitId, attempt, traceId: sample.traceId, read: () => sample };
    }
  }
  return { name: `the run in ${path}`, records, samples, trials: () => sumUp({ records, samples }) };
}
