import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Cut } from '../../../api/cut.ts';
import { InferenceSession } from '../../onnxruntime.ts';
import type { Tensor } from '../../tensor.ts';
import { OnnxError } from '../errors.ts';
import { madeUp } from '../made-up.ts';
import type { Value } from '../model.ts';
import { ortTensor } from '../ort-tensor.ts';
import { type ModelPlan, planModel } from '../plan.ts';
import { readModel } from '../read.ts';
import { evenSubset } from '../select.ts';
import { fullStub, headStub, tailStub } from '../submodels.ts';
import { MessageWriter } from '../writer.ts';
import { difference } from './difference.ts';
import { runStub, tensorOf } from './run-stub.ts';

export interface VerifyRequest {
  readonly path: string;
  readonly dimensions: Readonly<Record<string, number>>;
  /** At most so many cuts are run, evenly chosen. */
  readonly maxCuts: number;
}

/** What became of a model: ONNX Runtime refuses it as it is, we refuse it by name, or it was cut, with all that differed. */
export type Verdict =
  | { readonly kind: 'NotLoadable'; readonly reason: string }
  | { readonly kind: 'Refused'; readonly code: string; readonly reason: string }
  | { readonly kind: 'Cut'; readonly cuts: number; readonly failures: readonly string[] };

/** What an experiment allows by default: of the largest absolute value, or of 1. */
const tolerance = 1e-4;

/** Runs a model whole and in two parts at its cuts, without and with optimisation, and compares what comes out. */
export async function verify({ path, dimensions, maxCuts }: VerifyRequest): Promise<Verdict> {
  let original: InferenceSession;
  try {
    original = await InferenceSession.create(path, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  } catch (cause) {
    return { kind: 'NotLoadable', reason: messageOf(cause) };
  }
  try {
    const model = await readModel(path);
    const samples = await sampleInputs(path, model.graph.inputs);
    const plan = await planModel(model, {
      cuts: { selection: 'All', limit: 300 },
      dimensions: { ...sizesOf(model.graph.inputs, samples), ...dimensions },
      sample: samples,
    });
    const inputs = plan.inputs.map((input) => samples.find(({ name }) => name === input.name) ?? madeUp(input));
    const indices = new Set(evenSubset([...plan.cuts.keys()], maxCuts, (index) => index));
    const cuts = plan.cuts.filter((_, index) => indices.has(index));
    const failures = await verifyCuts(plan, cuts, inputs, original);
    return { kind: 'Cut', cuts: cuts.length, failures };
  } catch (cause) {
    if (!(cause instanceof OnnxError)) throw cause;
    return { kind: 'Refused', code: cause.code, reason: cause.message };
  } finally {
    await original.release();
  }
}

async function verifyCuts(
  plan: ModelPlan,
  cuts: readonly Cut[],
  inputs: readonly Tensor[],
  original: InferenceSession,
): Promise<string[]> {
  const failures: string[] = [];
  const check = (what: string, expected: readonly Tensor[], actual: readonly Tensor[], allowed: number) => {
    for (const [index, tensor] of expected.entries()) {
      const reason = difference(tensor, actual[index], allowed);
      if (reason !== undefined) failures.push(`${what}: ${tensor.name} ${reason}`);
    }
  };
  for (const level of ['disabled', 'all'] as const) {
    const full = await runStub(fullStub(plan), inputs, level);
    if (level === 'all') check('the whole model by stub', await runOriginal(original, inputs), full, tolerance);
    for (const cut of cuts) {
      const what = `${cut.name} (${level})`;
      try {
        const between = await runStub(headStub(plan, cut), inputs, level);
        for (const [index, { name, type, shape }] of cut.tensors.entries()) {
          const found = between[index];
          if (found?.type !== type || found.shape.join() !== shape.join()) {
            failures.push(`${what}: ${name} is ${found?.type} [${found?.shape}], planned ${type} [${shape}]`);
          }
        }
        check(what, full, await runStub(tailStub(plan, cut), between, level), level === 'all' ? tolerance : 0);
      } catch (cause) {
        failures.push(`${what}: ${messageOf(cause)}`);
      }
    }
  }
  return failures;
}

async function runOriginal(session: InferenceSession, inputs: readonly Tensor[]): Promise<Tensor[]> {
  const needed = inputs.filter(({ name }) => session.inputNames.includes(name));
  const results = await session.run(Object.fromEntries(needed.map((input) => [input.name, ortTensor(input)])));
  return session.outputNames.map((name) => tensorOf(name, results[name]));
}

/** The inputs that the corpus ships beside a model, as TensorProtos in the order of the model's inputs. */
async function sampleInputs(path: string, inputs: readonly Value[]): Promise<Tensor[]> {
  const samples: Tensor[] = [];
  for (const [index, { name, code }] of inputs.entries()) {
    if (code === undefined) continue;
    const file = join(dirname(path), 'test_data_set_0', `input_${index}.pb`);
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes !== undefined) samples.push(...(await decodeTensor(name, bytes)));
  }
  return samples;
}

/** Lets ONNX Runtime decode a TensorProto, as the only weight and output of a model; nothing where it is no tensor of ours. */
async function decodeTensor(name: string, bytes: Uint8Array): Promise<Tensor[]> {
  const tensor = new MessageWriter().verbatim(bytes).string(8, name);
  const output = new MessageWriter().string(1, name);
  const graph = new MessageWriter().string(2, 'decode').message(5, tensor).message(12, output);
  const model = new MessageWriter().varint(1, 8).message(7, graph);
  const opset = new MessageWriter().string(1, '').varint(2, 17);
  try {
    return await runStub({ bytes: model.message(8, opset).finish(), folder: '/', inputs: [], outputs: [name] }, []);
  } catch {
    return [];
  }
}

/** Sizes of the symbols in the inputs' shapes, as the samples have them. */
function sizesOf(inputs: readonly Value[], samples: readonly Tensor[]): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const { name, shape } of inputs) {
    const sample = samples.find((tensor) => tensor.name === name);
    for (const [index, size] of (shape ?? []).entries()) {
      const given = sample?.shape[index];
      if (typeof size === 'string' && given !== undefined) sizes[size] = given;
    }
  }
  return sizes;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
