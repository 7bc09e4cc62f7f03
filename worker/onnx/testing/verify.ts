import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { OnnxError } from '../errors.ts';
import { madeUp } from '../madeUp.ts';
import { ortTensor } from '../ortTensor.ts';
import { type ModelPlan, planModel } from '../plan.ts';
import { readModel } from '../read.ts';
import { evenSubset } from '../select.ts';
import type { Stub } from '../stub.ts';
import { fullStub, headStub, tailStub } from '../submodels.ts';
import { MessageWriter } from '../writer.ts';

export interface VerifyRequest {
  readonly path: string;
  readonly dimensions: Readonly<Record<string, number>>;
  /** At most so many cuts are run, evenly chosen. */
  readonly maxCuts: number;
}

/** What became of a model: not loadable as it is, refused by name, or cut, with every cut that did not agree. */
export type Verdict =
  | { readonly kind: 'NotLoadable'; readonly reason: string }
  | { readonly kind: 'Refused'; readonly code: string; readonly reason: string }
  | { readonly kind: 'Cut'; readonly cuts: number; readonly listed: number; readonly failures: readonly string[] };

type Values = Readonly<Record<string, Tensor>>;
type Level = 'disabled' | 'all';

/** Runs a model whole and in two parts at its cuts, without and with optimisation, and compares what comes out. */
export async function verify(request: VerifyRequest): Promise<Verdict> {
  const samples = await sampleInputs(request.path);
  let original: InferenceSession;
  try {
    original = await InferenceSession.create(request.path, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  } catch (cause) {
    return { kind: 'NotLoadable', reason: message(cause) };
  }
  try {
    return await verifyLoaded(request, original, samples);
  } finally {
    await original.release();
  }
}

async function verifyLoaded(
  request: VerifyRequest,
  original: InferenceSession,
  samples: ReadonlyMap<string, Tensor>,
): Promise<Verdict> {
  let plan: ModelPlan;
  try {
    const model = await readModel(request.path);
    const dimensions = { ...sizesOf(model.graph.inputs, samples), ...request.dimensions };
    plan = await planModel(model, { cuts: { selection: 'All', limit: 300 }, dimensions });
  } catch (cause) {
    if (!(cause instanceof OnnxError)) throw cause;
    return { kind: 'Refused', code: cause.code, reason: cause.message };
  }
  const feeds = Object.fromEntries(
    plan.inputs.map((input) => [input.name, samples.get(input.name) ?? ortTensor(madeUp(input))]),
  );
  const indices = evenSubset([...plan.cuts.keys()], request.maxCuts, (index) => index);
  const cuts = plan.cuts.filter((_, index) => indices.includes(index));
  const failures: string[] = [];
  for (const level of ['disabled', 'all'] as const) {
    const full = await runStub(fullStub(plan), feeds, level);
    if (level === 'all') failures.push(...(await compareOriginal(original, feeds, full)));
    for (const cut of cuts) {
      try {
        const between = await runStub(headStub(plan, cut), feeds, level);
        for (const { name, shape, type } of cut.tensors) {
          const tensor = between[name];
          if (tensor?.type !== type) failures.push(`${cut.name}: ${name} is ${tensor?.type}, planned ${type}`);
          if (samples.size === 0 && tensor?.dims.join() !== shape.join()) {
            failures.push(`${cut.name}: ${name} is [${tensor?.dims}], planned [${shape}]`);
          }
        }
        const parts = await runStub(tailStub(plan, cut), between, level);
        for (const [name, value] of Object.entries(full)) {
          const difference = compare(value, parts[name], level);
          if (difference !== undefined) failures.push(`${cut.name} (${level}): output ${name} ${difference}`);
        }
      } catch (cause) {
        failures.push(`${cut.name} (${level}): ${message(cause)}`);
      }
    }
  }
  return { kind: 'Cut', cuts: cuts.length, listed: plan.cuts.length, failures };
}

async function compareOriginal(original: InferenceSession, feeds: Values, full: Values): Promise<string[]> {
  const needed = Object.fromEntries(Object.entries(feeds).filter(([name]) => original.inputNames.includes(name)));
  return Object.entries(await original.run(needed)).flatMap(([name, tensor]) => {
    const difference = compare(feedable(tensor), full[name], 'all');
    return difference === undefined ? [] : [`whole model by stub: output ${name} ${difference}`];
  });
}

async function runStub(stub: Stub, values: Values, level: Level): Promise<Values> {
  const session = await InferenceSession.create(stub.bytes, {
    graphOptimizationLevel: level,
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
    extra: { session: { model_external_initializers_file_folder_path: stub.folder } },
  });
  try {
    const feeds: Record<string, Tensor> = {};
    for (const name of stub.inputs) {
      const value = values[name];
      if (value !== undefined) feeds[name] = value;
    }
    return Object.fromEntries(
      Object.entries(await session.run(feeds)).map(([name, tensor]) => [name, feedable(tensor)]),
    );
  } finally {
    await session.release();
  }
}

/** What a session gives cannot always be given to another one: half precision. */
function feedable(tensor: Tensor): Tensor {
  if (tensor.type !== 'float16' || !ArrayBuffer.isView(tensor.data)) return tensor;
  const { buffer, byteOffset, byteLength } = tensor.data;
  return ortTensor({ type: 'float16', shape: tensor.dims, data: new Uint8Array(buffer, byteOffset, byteLength) });
}

function compare(full: Tensor, parts: Tensor | undefined, level: Level): string | undefined {
  if (parts === undefined) return 'is missing';
  if (parts.type !== full.type || parts.dims.join() !== full.dims.join()) {
    return `is ${parts.type} [${parts.dims}] instead of ${full.type} [${full.dims}]`;
  }
  const [a, b] = [numbers(full), numbers(parts)];
  if (level === 'disabled' || !full.type.startsWith('float')) {
    const differing = a.findIndex((value, index) => !Object.is(value, b[index]));
    return differing < 0 ? undefined : `differs at ${differing}: ${b[differing]} instead of ${a[differing]}`;
  }
  const finite = a.map(Number).filter(Number.isFinite);
  const scale = finite.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const worst = a.findIndex((value, index) => {
    const difference = Math.abs(Number(value) - Number(b[index]));
    return !Object.is(value, b[index]) && !(difference <= 1e-4 * scale);
  });
  return worst < 0 ? undefined : `differs at ${worst}: ${b[worst]} instead of ${a[worst]}`;
}

function numbers(tensor: Tensor): (number | bigint | string | boolean)[] {
  // Half precision stands here as bits; as numbers they compare with a tolerance.
  if (tensor.type === 'float16' && tensor.data instanceof Uint16Array) {
    return Array.from(new Float16Array(tensor.data.slice().buffer));
  }
  return Array.from(tensor.data as ArrayLike<number | bigint | string | boolean>);
}

/** The inputs that the corpus ships beside a model, as TensorProtos in the order of the model's inputs. */
async function sampleInputs(path: string): Promise<Map<string, Tensor>> {
  const samples = new Map<string, Tensor>();
  const model = await readModel(path).catch(() => undefined);
  for (const [index, { name }] of (model?.graph.inputs ?? []).entries()) {
    const file = join(dirname(path), 'test_data_set_0', `input_${index}.pb`);
    const bytes = await readFile(file).catch(() => undefined);
    const tensor = bytes === undefined ? undefined : await decodeTensor(bytes).catch(() => undefined);
    if (tensor !== undefined) samples.set(name, tensor);
  }
  return samples;
}

/** Lets ONNX Runtime decode a TensorProto, as the only weight and output of a model. */
async function decodeTensor(bytes: Uint8Array): Promise<Tensor | undefined> {
  const named = new MessageWriter().verbatim(bytes).string(8, 'value');
  const graph = new MessageWriter()
    .string(2, 'decode')
    .message(5, named)
    .message(12, new MessageWriter().string(1, 'value'));
  const opset = new MessageWriter().string(1, '').varint(2, 17);
  const session = await InferenceSession.create(
    new MessageWriter().varint(1, 8).message(7, graph).message(8, opset).finish(),
  );
  try {
    const { value } = await session.run({});
    return value === undefined ? undefined : feedable(value);
  } finally {
    await session.release();
  }
}

function sizesOf(
  inputs: readonly { readonly name: string; readonly shape: readonly (number | string | null)[] | undefined }[],
  samples: ReadonlyMap<string, Tensor>,
): Record<string, number> {
  return Object.fromEntries(
    inputs.flatMap(({ name, shape }) =>
      (shape ?? []).flatMap((size, index) => {
        const given = samples.get(name)?.dims[index];
        return typeof size === 'string' && given !== undefined ? [[size, given]] : [];
      }),
    ),
  );
}

function message(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
