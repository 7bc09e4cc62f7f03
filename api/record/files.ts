import { csvLine } from './csv.ts';
import type { VisitRecord } from './record.ts';
import { sampleCells, sampleColumns } from './samples.ts';
import type { AttemptSamples, SummaryRow } from './summary.ts';
import { summaryCells, summaryColumns } from './summary-csv.ts';

/** One line of `results.jsonl` with its line end. */
export function recordLine(record: VisitRecord): string {
  return `${JSON.stringify(record)}\n`;
}

export const samplesHeader = `${csvLine(sampleColumns)}\n`;

/** The lines of `samples.csv` that one attempt leaves. */
export function sampleLines({ visitId, attempt, samples }: AttemptSamples): string {
  return samples.map((sample) => `${csvLine(sampleCells(visitId, attempt, sample))}\n`).join('');
}

export const summaryHeader = `${csvLine(summaryColumns)}\n`;

/** One line of `summary.csv` with its line end. */
export function summaryLine(row: SummaryRow): string {
  return `${csvLine(summaryCells(row))}\n`;
}
