/**
 * What a whole run of examples/quickstart.yaml takes, and where the time between its inferences goes.
 *
 * From one visit to the next: from the end of the last repetition to the start of the next visit's warm-up, less the
 * probes of clock and link, whose time the link dictates, and less the creation of the sessions by ONNX Runtime (both
 * sides at the same time: the longer one). Visits whose cut and codec had to be evaluated first are left out.
 */
import { fileURLToPath } from 'node:url';
import type { VisitRecord } from '../api/record/record.ts';
import type { Phases } from '../worker/local/phases.ts';
import { runManifest } from './lab.ts';
import { print, type Row, row } from './row.ts';
import { median } from './statistics.ts';

const manifest = fileURLToPath(new URL('../examples/quickstart.yaml', import.meta.url));

export async function run(): Promise<Row[]> {
  const { seconds, records, phases } = await runManifest(manifest);
  const accepted = records.filter(({ verdict }) => verdict.result === 'Accepted');
  return [
    row('the whole run', seconds, 's', '<=', 60),
    row('visits accepted', accepted.length, `of ${new Set(records.map(({ visitId }) => visitId)).size}`),
    row('attempts', records.length, ''),
    ...overheads(accepted),
    row('from one visit to the next beyond creating sessions', median(transitions(phases)), 'ms', '<=', 50),
    ...budget(phases),
  ];
}

/** What broker, framing and scheduling add to an inference: <= 3 % of the ideal time or 1 ms, whichever is larger. */
function overheads(records: readonly VisitRecord[]): Row[] {
  const visits = records.flatMap(({ latencyMilliseconds }) => {
    const overhead = latencyMilliseconds?.overhead?.p50;
    const ideal = latencyMilliseconds?.ideal?.p50;
    return typeof overhead === 'number' && typeof ideal === 'number' ? [{ overhead, ideal }] : [];
  });
  const percent = median(visits.map(({ overhead, ideal }) => (overhead / ideal) * 100));
  const allowed = median(visits.map(({ overhead, ideal }) => overhead / Math.max(1, 0.03 * ideal)));
  return [
    { ...row('overhead over ideal, median of visits', percent, '%'), reach: '<= 3 or 1 ms', met: allowed <= 1 },
    row('overhead, median of visits', median(visits.map(({ overhead }) => overhead)), 'ms'),
    row('ideal, median of visits', median(visits.map(({ ideal }) => ideal)), 'ms'),
  ];
}

/** The times in ms from one visit to the next, as told above. */
export function transitions(phases: readonly Phases[]): number[] {
  const seen = new Set<string>();
  return phases.flatMap((visit, index) => {
    const last = phases[index - 1]?.endedMs;
    const again = seen.has(visit.trialId);
    seen.add(visit.trialId);
    const { loadMs } = visit;
    const { linkReady } = visit.endedMs;
    if (!again || !last?.repeated || !last.usageRead || !last.linkAfter || !linkReady || !loadMs) return [];
    const probesMs = last.linkAfter - last.usageRead;
    return [linkReady - last.repeated - probesMs - Math.max(loadMs.local, loadMs.remote)];
  });
}

/** Where the time of a visit goes, as medians. */
function budget(phases: readonly Phases[]): Row[] {
  const spans: Readonly<Record<string, readonly [keyof Phases['endedMs'], keyof Phases['endedMs']]>> = {
    'opening sessions': ['evaluated', 'opened'],
    'warm-up': ['linkReady', 'warmedUp'],
    'clock before': ['warmedUp', 'clockBefore'],
    'link before': ['clockBefore', 'linkBefore'],
    repetitions: ['linkBefore', 'repeated'],
    'clock after': ['usageRead', 'clockAfter'],
    'link after': ['clockAfter', 'linkAfter'],
    'measured in all': ['evaluated', 'closed'],
  };
  return Object.entries(spans).map(([name, [from, to]]) => {
    const times = phases.flatMap(({ endedMs }) => {
      const start = endedMs[from];
      const end = endedMs[to];
      return start !== undefined && end !== undefined ? [end - start] : [];
    });
    return row(`a visit: ${name}`, median(times), 'ms');
  });
}

if (import.meta.main) print(await run());
