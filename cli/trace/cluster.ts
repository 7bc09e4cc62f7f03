import { resultsSummarySchema } from '../../api/results/summary.ts';
import { ask, bodyOf, type Reach, type Subject } from '../cluster/ask.ts';
import { readRecordLines, readSampleLines } from './lines.ts';
import type { TraceSource } from './source.ts';

/** An experiment in a cluster, through its results API. */
export function experimentSource(reach: Reach, subject: Subject, signal: AbortSignal): TraceSource {
  const name = `experiment "${subject.name}"`;
  return {
    name,
    async *records() {
      yield* readRecordLines(await ask(reach, subject, 'results.jsonl', { signal }), name);
    },
    async *samples() {
      yield* readSampleLines(await ask(reach, subject, 'samples.csv', { signal }), name);
    },
    trials: async () => (await bodyOf(await ask(reach, subject, 'summary', { signal }), resultsSummarySchema)).rows,
  };
}
