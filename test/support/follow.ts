import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordSchema, type VisitRecord } from '../../api/record/record.ts';
import { subjects } from '../../api/subjects.ts';
import { type NatsConfig, workerConfigSchema } from '../../api/worker-config.ts';
import { openStore } from '../../store/store.ts';
import { openConnection } from '../../worker/transport/connection.ts';
import { eventually } from './deadline.ts';
import { processesOf } from './processes.ts';

/** Resolves with the first `count` records of the run in `output`, as soon as they are stored. */
export async function firstRecords(output: string, count: number): Promise<VisitRecord[]> {
  const { nats, scope } = await eventually(30_000, `the configuration of the local worker in ${output}`, async () => {
    // An earlier run's configuration may lie there until the worker starts.
    if (!(await processesOf(output)).some(({ name }) => name === 'local')) return null;
    const text = await readFile(join(output, 'processes', 'local.json'), 'utf8').catch(() => '');
    return text.endsWith('}') ? workerConfigSchema.parse(JSON.parse(text)) : null;
  });
  for (;;) {
    try {
      return await follow(nats, subjects(scope).allRecords, count);
    } catch (error) {
      // The server was killed just now, and comes back.
      if (!(error instanceof Error && 'code' in error && error.code === 'ECONNRESET')) throw error;
    }
  }
}

async function follow(nats: NatsConfig, filter: string, count: number): Promise<VisitRecord[]> {
  await using connection = await openConnection({ ...nats, name: 'test', signal: AbortSignal.timeout(30_000) });
  const records: VisitRecord[] = [];
  for await (const { value } of openStore(connection.client).follow('records', filter, AbortSignal.timeout(60_000))) {
    records.push(recordSchema.parse(value));
    if (records.length >= count) break;
  }
  return records;
}
