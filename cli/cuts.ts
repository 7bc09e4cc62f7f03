import type { Cut } from '../api/cut.ts';
import { OnnxError } from '../worker/onnx/errors.ts';
import { type ModelPlan, planModel } from '../worker/onnx/plan.ts';
import { readModel } from '../worker/onnx/read.ts';
import { formatTable } from './table.ts';

export interface CutsOptions {
  /** Print one JSON object instead of a table. */
  readonly json?: boolean;
  /** List cuts that at most so many tensors cross; absent: any number. */
  readonly maxTensors?: number;
  readonly batchSize?: number;
  /** Sizes of free dimensions other than the batch, by symbol. */
  readonly dimensions?: Readonly<Record<string, number>>;
}

export interface CutsIo {
  readonly stdout: { readonly write: (text: string) => unknown };
  readonly stderr: { readonly write: (text: string) => unknown };
  /** Gives the path of a model of the zoo; absent: what is named is a path. */
  readonly resolveModel?: (name: string) => Promise<string>;
}

/**
 * Lists where a model can be cut, what crosses there and what stands before it.
 * Returns the exit status: 0, or 2 for a model or an option that is no good, said on stderr.
 */
export async function cutsCommand(model: string, options: CutsOptions, io: CutsIo): Promise<number> {
  const { json = false, maxTensors, batchSize, dimensions } = options;
  if (maxTensors !== undefined && !(Number.isSafeInteger(maxTensors) && maxTensors >= 1)) {
    io.stderr.write(`--max-tensors ${maxTensors}: give a whole number from 1.\n`);
    return 2;
  }
  try {
    const path = (await io.resolveModel?.(model)) ?? model;
    const plan = await planModel(await readModel(path), {
      cuts: { selection: 'All', ...(maxTensors === undefined ? {} : { maxTensors }) },
      ...(batchSize === undefined ? {} : { batchSize }),
      ...(dimensions === undefined ? {} : { dimensions }),
    });
    for (const warning of plan.warnings) io.stderr.write(`Warning: ${warning}\n`);
    const { exhaustive, cuts } = plan;
    io.stdout.write(json ? `${JSON.stringify({ model, exhaustive, cuts })}\n` : describe(model, plan, maxTensors));
    return 0;
  } catch (cause) {
    if (!(cause instanceof OnnxError)) throw cause;
    io.stderr.write(`${cause.message}\n`);
    return 2;
  }
}

function describe(model: string, { inputs, cuts, exhaustive }: ModelPlan, maxTensors: number | undefined): string {
  const sizes = inputs.map(({ name, type, shape }) => `${name} ${type} [${shape.join(', ')}]`).join('; ');
  const bound = maxTensors === undefined ? '' : ` with up to ${maxTensors} ${maxTensors === 1 ? 'tensor' : 'tensors'}`;
  const complete = exhaustive ? '' : ' (not exhaustive)';
  const title = `${model}: ${cuts.length} ${cuts.length === 1 ? 'cut' : 'cuts'}${bound}${complete}; inputs ${sizes}\n`;
  if (cuts.length === 0) return title;
  const header = ['#', 'CUT', 'TENSOR', 'TYPE', 'SHAPE', 'BYTES', 'MULTIPLY-ADDS', 'PARAMETERS'];
  const rows = cuts.flatMap((cut, index) => rowsOf(cut, index + 1));
  return `${title}\n${table([header, ...rows])}\nMULTIPLY-ADDS and PARAMETERS: the share in front of the cut.\n`;
}

/** One row per tensor; the cut's own figures stand in the first. */
function rowsOf(cut: Cut, position: number): string[][] {
  return cut.tensors.map(({ name, type, shape, bytes }, index) => [
    index === 0 ? String(position) : '',
    index === 0 ? cut.name : '',
    name,
    type,
    shape.join('x'),
    bytes.toLocaleString('en-US'),
    index === 0 ? percent(cut.headMacsShare) : '',
    index === 0 ? percent(cut.headParameterShare) : '',
  ]);
}

function percent(share: number | null): string {
  return share === null ? 'unknown' : `${(share * 100).toFixed(1)} %`;
}

const rightAligned = new Set([0, 5, 6, 7]);

function table([header = [], ...rows]: readonly (readonly string[])[]): string {
  return formatTable(header, rows, rightAligned)
    .map((line) => `${line}\n`)
    .join('');
}
