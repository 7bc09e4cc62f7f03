import { decidingRecord } from '../../api/record/finality.ts';
import type { VisitRecord } from '../../api/record/record.ts';
import type { Sample, SampleLine } from '../../api/record/samples.ts';
import type { SummaryRow } from '../../api/record/summary.ts';
import { UsageError } from '../errors.ts';
import { fastestTrial } from './fastest.ts';
import type { TraceSource } from './source.ts';

/** Which inference is meant. */
export interface Wanted {
  /** A trace id or its beginning, the id of a visit, or `best`. */
  readonly id: string;
  /** Of a visit the slowest inference instead of the median. */
  readonly slowest?: boolean;
  /** Of the best only what was measured over this link. */
  readonly link?: string;
}

/** One inference with the record of its attempt. */
export interface Found {
  readonly record: VisitRecord;
  readonly sample: Sample;
}

const where = 'samples.csv has visit ids in its first and trace ids in its last column';

/** Finds one inference. Throws `UsageError` where there is none or more than one. */
export async function findInference(source: TraceSource, wanted: Wanted): Promise<Found> {
  const { id, slowest = false, link } = wanted;
  if (link !== undefined && id !== 'best') throw new UsageError('--link chooses among the best: write best for the id');
  if (id === 'best') {
    if (slowest)
      throw new UsageError('--slowest chooses among the inferences of one visit: write its id instead of best');
    return byTrace(source, bestTrace(source.name, await source.trials(), link));
  }
  if (/^[0-9a-f]{16}-\d+$/.test(id)) return byVisit(source, id, slowest);
  if (/^[0-9a-f]{1,32}$/.test(id)) {
    if (slowest) throw new UsageError(`--slowest chooses among the inferences of a visit, and ${id} is one inference`);
    return byTrace(source, id);
  }
  throw new UsageError(
    `"${id}" is no trace id (hexadecimal digits, up to 32), no visit id (16 of them, - and the block) and not best; ${where}`,
  );
}

/** The trace that stands for the trial with the least median end-to-end time. */
function bestTrace(name: string, trials: readonly SummaryRow[], link: string | undefined): string {
  const links = [...new Set(trials.flatMap(({ link: one }) => one ?? []))];
  if (link !== undefined && !links.includes(link)) {
    throw new UsageError(
      `nothing in ${name} was measured over a link "${link}"; there are: ${links.join(', ') || 'none'}`,
    );
  }
  const fastest = fastestTrial(trials, link);
  if (!fastest) {
    throw new UsageError(
      `no visit of ${name} has been accepted yet, so none is best; give the id of a visit or a trace`,
    );
  }
  return fastest.traceId;
}

async function byTrace(source: TraceSource, prefix: string): Promise<Found> {
  let match: SampleLine | undefined;
  for await (const line of source.samples()) {
    if (!line.traceId.startsWith(prefix)) continue;
    if (match && match.traceId !== line.traceId) {
      throw new UsageError(
        `${prefix} begins more than one trace (${match.traceId}, ${line.traceId}): give more digits`,
      );
    }
    match = line;
  }
  if (!match) {
    const hint = prefix.length === 16 ? `; if that is a trial, write ${prefix}-0 for its visit in the first block` : '';
    throw new UsageError(`no inference of ${source.name} has the trace ${prefix}${hint}; ${where}`);
  }
  const { visitId, attempt } = match;
  for await (const record of source.records()) {
    if (record.visitId === visitId && record.attempt === attempt) return { record, sample: match.read() };
  }
  throw new UsageError(`the visit ${visitId} of that trace has left no record in ${source.name}`);
}

async function byVisit(source: TraceSource, visitId: string, slowest: boolean): Promise<Found> {
  const records: VisitRecord[] = [];
  for await (const record of source.records()) if (record.visitId === visitId) records.push(record);
  const record = decidingRecord(records);
  if (!record) throw new UsageError(`no visit ${visitId} has left a record in ${source.name}; ${where}`);
  const { traces, verdict, attempt } = record;
  if (!traces) {
    throw new UsageError(
      `attempt ${attempt} at visit ${visitId} measured no inference (${verdict.result}, ${verdict.reason}: ${verdict.message}); choose another visit`,
    );
  }
  const traceId = slowest ? traces.slowest : traces.median;
  for await (const line of source.samples()) {
    if (line.traceId === traceId && line.visitId === visitId) return { record, sample: line.read() };
  }
  throw new UsageError(`the samples of visit ${visitId} are missing in ${source.name}`);
}
