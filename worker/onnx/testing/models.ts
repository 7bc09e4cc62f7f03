import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeModel,
  type GraphDescription,
  type ModelDescription,
  type NodeDescription,
  type TensorDescription,
  type ValueDescription,
} from '../encode.ts';
import type { OnnxModel } from '../model.ts';
import { readModel } from '../read.ts';

/** A folder for one test's models, removed when it goes out of scope. */
export async function modelFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'splitlab-onnx-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes a model to a folder and reads it back. */
export async function writeModel(
  folder: string,
  graph: Omit<GraphDescription, 'name'>,
  rest: Partial<Omit<ModelDescription, 'graph'>> = {},
): Promise<OnnxModel> {
  const path = join(folder, 'model.onnx');
  await writeFile(path, encodeModel({ irVersion: 8, opsets: { '': 17 }, ...rest, graph: { name: 'test', ...graph } }));
  return readModel(path);
}

/** A node of one operator; its name is that of its output. */
export function node(operator: string, inputs: readonly string[], output: string, rest: Partial<NodeDescription> = {}) {
  return { operator, name: output, inputs, outputs: [output], ...rest };
}

export function float(name: string, shape: readonly (number | string | null)[] = [2]): ValueDescription {
  return { name, type: 'float32', shape };
}

/** A float32 weight of ascending numbers. */
export function weight(name: string, shape: readonly number[]): TensorDescription {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = new Uint8Array(Float32Array.from({ length: count }, (_, index) => index + 1).buffer);
  return { name, type: 'float32', shape, data };
}

export function integers(name: string, values: readonly number[], shape = [values.length]): TensorDescription {
  return { name, type: 'int64', shape, data: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer) };
}
