import type { SummaryRow } from '../../api/record/summary.ts';

/** A trial and the trace that stands for it. */
export interface TracedTrial {
  readonly row: SummaryRow;
  readonly traceId: string;
}

/** The trial with the least median end-to-end time, of those over `link` where that is given; null without any. */
export function fastestTrial(rows: readonly SummaryRow[], link?: string): TracedTrial | null {
  const [fastest] = rows
    .flatMap((row) =>
      row.traceId === null || row.total === null ? [] : [{ row, traceId: row.traceId, ms: row.total.value }],
    )
    .filter(({ row }) => link === undefined || row.link === link)
    .sort((a, b) => a.ms - b.ms);
  return fastest ?? null;
}
