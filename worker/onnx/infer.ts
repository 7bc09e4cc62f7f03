import { InferenceSession, type Tensor as OrtTensor } from '../onnxruntime.ts';
import type { Tensor } from '../tensor.ts';
import type { ConcreteInput } from './dimensions.ts';
import { OnnxError } from './errors.ts';
import { madeUp } from './made-up.ts';
import type { Initializer, OnnxModel } from './model.ts';
import { ortTensor } from './ort-tensor.ts';
import { type Stub, type StubGraph, writeStub } from './stub.ts';
import { elementCode } from './types.ts';

/** What is known of a tensor without running the model. */
export interface TensorType {
  /** `string` and the like, which cannot travel, are given as they are; undefined for sequences and unnamed types. */
  readonly type: string | undefined;
  /** Null where a size depends on the data; an empty shape is a scalar or a tensor of unknown rank. */
  readonly shape: readonly (number | null)[];
}

/** A session is quickest to make when nothing is optimised, and it only has to read types. */
const sessionOptions = {
  graphOptimizationLevel: 'disabled',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
} as const;

/**
 * Types and shapes of tensors by name, as ONNX Runtime infers them: a stub with all of them as outputs and the weights as
 * inputs is loaded and its metadata read. Names that ONNX Runtime cannot describe are left out.
 * Throws `Rejected` where ONNX Runtime refuses the model.
 */
export async function inferTypes(
  model: OnnxModel,
  graph: StubGraph,
  inputs: readonly ConcreteInput[],
  names: readonly string[],
): Promise<Map<string, TensorType>> {
  const types = new Map<string, TensorType>();
  // The binding refuses to load a model with an output of a type it has no name for (bfloat16, 8-bit floats): halve.
  const pending = [names];
  for (let sessions = 0, part = pending.pop(); part !== undefined && sessions < 256; sessions++, part = pending.pop()) {
    if (part.length === 0) continue;
    try {
      for (const [name, type] of await describe(model, graph, inputs, part)) types.set(name, type);
    } catch (cause) {
      if (!isUnnamedType(cause)) throw refusal(cause, inputs);
      if (part.length === 1) continue;
      const middle = part.length >> 1;
      pending.push(part.slice(middle), part.slice(0, middle));
    }
  }
  return types;
}

async function describe(
  model: OnnxModel,
  graph: StubGraph,
  inputs: readonly ConcreteInput[],
  names: readonly string[],
): Promise<Map<string, TensorType>> {
  const given = inputs.map(({ name, type, shape }) => ({ name, code: elementCode(type), shape }));
  const outputs = names.map((name) => ({ name, code: undefined, shape: undefined }));
  const asInput = (weight: Initializer) => weight.storage.kind === 'File' && !integers.has(weight.code);
  // Some operators insist on constant weights; then the weights are referred to, not read.
  const session = await open(writeStub(model, graph, { inputs: given, outputs, asInput })).catch((cause) => {
    if (isUnnamedType(cause)) throw cause;
    return open(writeStub(model, graph, { inputs: given, outputs }));
  });
  try {
    return new Map(
      session.outputMetadata.map((value) => [
        value.name,
        value.isTensor
          ? {
              type: value.type,
              shape: value.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : null)),
            }
          : { type: undefined, shape: [] },
      ]),
    );
  } finally {
    await session.release();
  }
}

/** Integers may say shapes and indices, which inference needs. */
const integers = new Set([6, 7, 9, 12, 13]);

/**
 * Shapes of tensors for which inference gives none, found by running the model once, on `sample` where it has an input's
 * name and else on seeded numbers in [0, 1), or ones for integers. Throws `Rejected` where the run fails.
 */
export async function runForShapes(
  model: OnnxModel,
  graph: StubGraph,
  inputs: readonly ConcreteInput[],
  names: readonly string[],
  sample: readonly Tensor[],
): Promise<Map<string, readonly number[]>> {
  const given = inputs.map(({ name, type, shape }) => ({ name, code: elementCode(type), shape }));
  const outputs = names.map((name) => ({ name, code: undefined, shape: undefined }));
  try {
    const session = await open(writeStub(model, graph, { inputs: given, outputs }));
    try {
      const used = inputs.filter(({ name }) => session.inputNames.includes(name));
      const feeds = Object.fromEntries(used.map((input) => [input.name, feed(input, sample)]));
      const results = await session.run(feeds);
      return new Map(Object.entries(results).map(([name, tensor]) => [name, tensor.dims]));
    } finally {
      await session.release();
    }
  } catch (cause) {
    throw refusal(cause, inputs);
  }
}

async function open(stub: Stub): Promise<InferenceSession> {
  return InferenceSession.create(stub.bytes, {
    ...sessionOptions,
    extra: {
      session: { disable_prepacking: '1', model_external_initializers_file_folder_path: stub.folder },
    },
  });
}

function isUnnamedType(cause: unknown): boolean {
  return cause instanceof Error && cause.message.includes('Unsupported data type');
}

function refusal(cause: unknown, inputs: readonly ConcreteInput[]): OnnxError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const sizes = inputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join('; ');
  return new OnnxError(
    'Rejected',
    `ONNX Runtime refuses the model for the inputs ${sizes}: ${reason} If a free dimension needs another size, name it.`,
    { cause },
  );
}

function feed(input: ConcreteInput, sample: readonly Tensor[]): OrtTensor {
  const given = sample.find(({ name, type, shape }) => {
    return name === input.name && type === input.type && shape.join() === input.shape.join();
  });
  return ortTensor(given ?? madeUp(input));
}
