import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordSchema, type VisitRecord } from '../../api/record/record.ts';
import { subjects } from '../../api/subjects.ts';
import { openStore } from '../../store/store.ts';
import { workerConfigSchema } from '../../worker/config.ts';
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
  await using connection = await openConnection({ ...nats, name: 'test', signal: AbortSignal.timeout(30_000) });
  const records: VisitRecord[] = [];
  const follow = openStore(connection.client).follow(
    'records',
    subjects(scope).allRecords,
    AbortSignal.timeout(60_000),
  );
  for await (const { value } of follow) {
    records.push(recordSchema.parse(value));
    if (records.length >= count) break;
  }
  return records;
}
