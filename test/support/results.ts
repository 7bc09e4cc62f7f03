import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordSchema, type VisitRecord } from '../../api/record/record.ts';

/** The records of a finished run; each line passes the record's schema. */
export async function recordsOf(output: string): Promise<VisitRecord[]> {
  const text = await readFile(join(output, 'results.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => recordSchema.parse(JSON.parse(line)));
}

/** Rows of a CSV file without quoted cells, by column; empty cells are null. */
export async function csvOf(file: string): Promise<{ columns: string; rows: Record<string, string | null>[] }> {
  const [columns = '', ...lines] = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const names = columns.split(',');
  const rows = lines.map((line) => {
    const cells = line.split(',');
    assert.equal(cells.length, names.length, line);
    return Object.fromEntries(names.map((name, index) => [name, cells[index] || null]));
  });
  return { columns, rows };
}

/** Every planned visit has exactly one record that settles it, and no attempt has two. */
export function assertComplete(records: readonly VisitRecord[], visits: number): void {
  const byVisit = Map.groupBy(records, ({ visitId }) => visitId);
  assert.equal(byVisit.size, visits);
  for (const [visitId, all] of byVisit) {
    const accepted = all.filter(({ verdict }) => verdict.result === 'Accepted');
    assert.equal(accepted.length, 1, `${visitId}: ${JSON.stringify(all.map(({ verdict }) => verdict))}`);
    const attempts = all.map(({ attempt }) => attempt);
    assert.equal(new Set(attempts).size, attempts.length, visitId);
  }
}

// Written out, so that a renamed column is noticed: programs of others read these files.
export const sampleHeader =
  'visitId,attempt,repetition,input,scheduledMs,waitMs,preprocessMs,headMs,encodeMs,uplinkMs,remoteWaitMs,decodeMs,tailMs,downlinkMs,postprocessMs,totalMs,idealMs,encodedBytes,replyBytes,linkUpBytes,linkDownBytes,traceId';
export const summaryHeader =
  'trialId,model,weights,cut,kind,layer,tensors,codec,transfer,link,batchSize,inputBytes,preprocessedBytes,intermediateBytes,encodedBytes,headMs,tailMs,inferenceMs,uplinkMs,downlinkMs,totalP50Ms,totalP50LowMs,totalP50HighMs,totalP90Ms,overheadMs,accuracy,agreement,localEnergyJ,remoteEnergyJ,localMemoryBytes,remoteMemoryBytes,samples,rejected,best';
