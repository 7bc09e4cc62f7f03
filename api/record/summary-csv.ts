import type { Codec } from '../manifest/codec.ts';
import type { SummaryRow } from './summary.ts';

type Cell = string | number | null;

const columns: Readonly<Record<string, (row: SummaryRow) => Cell>> = {
  trialId: ({ trialId }) => trialId,
  model: ({ record }) => record.model.name,
  weights: ({ record }) => record.model.weights,
  cut: ({ record }) => record.cut.name,
  kind: ({ record }) => record.cut.kind,
  layer: ({ record }) => record.cut.layer,
  tensors: ({ record }) => record.cut.tensors.map(({ name }) => name).join(';'),
  codec: ({ record }) => record.codec && codecName(record.codec),
  transfer: ({ record }) => record.transfer,
  link: ({ record }) => record.link?.name ?? null,
  batchSize: ({ batchSize }) => batchSize,
  inputBytes: ({ record }) => record.bytes.input?.mean ?? null,
  preprocessedBytes: ({ record }) => record.bytes.preprocessed?.mean ?? null,
  intermediateBytes: ({ record }) => record.bytes.intermediate?.mean ?? null,
  encodedBytes: ({ record }) => record.bytes.encoded?.mean ?? null,
  headMs: ({ meansMs }) => meansMs.head,
  tailMs: ({ meansMs }) => meansMs.tail,
  inferenceMs: ({ meansMs }) => meansMs.inference,
  uplinkMs: ({ meansMs }) => meansMs.uplink,
  downlinkMs: ({ meansMs }) => meansMs.downlink,
  totalP50Ms: ({ total }) => total?.value ?? null,
  totalP50LowMs: ({ total }) => total?.low ?? null,
  totalP50HighMs: ({ total }) => total?.high ?? null,
  totalP90Ms: ({ totalP90Ms }) => totalP90Ms,
  overheadMs: ({ meansMs }) => meansMs.overhead,
  accuracy: ({ record }) => record.output?.accuracy ?? null,
  agreement: ({ record }) => record.output?.agreement ?? null,
  localEnergyJ: ({ record }) => record.local.energy.joules,
  remoteEnergyJ: ({ record }) => record.remote?.energy.joules ?? null,
  localMemoryBytes: ({ localMemoryBytes }) => localMemoryBytes,
  remoteMemoryBytes: ({ remoteMemoryBytes }) => remoteMemoryBytes,
  samples: ({ samples }) => samples,
  rejected: ({ rejected }) => rejected,
  best: ({ best }) => best.join(';'),
};

/** Columns of `summary.csv`, in order. */
export const summaryColumns: readonly string[] = Object.keys(columns);

/** The cells of one line of `summary.csv`. */
export function summaryCells(row: SummaryRow): Cell[] {
  return Object.values(columns).map((cell) => cell(row));
}

/** A summary row as JSON: the same names and values as a line of `summary.csv`, `best` as a list. */
export function summaryJson(row: SummaryRow): Record<string, Cell | readonly string[]> {
  return { ...Object.fromEntries(Object.entries(columns).map(([name, cell]) => [name, cell(row)])), best: row.best };
}

/** A codec in few words, such as `Affine8/PerTensor+Zstd`. */
export function codecName({ type, affine, compression }: Codec): string {
  const bits = affine ? `${affine.bits}/${affine.granularity}` : '';
  return `${type}${bits}${compression === 'None' ? '' : `+${compression}`}`;
}
