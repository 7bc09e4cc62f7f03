import { InferenceSession, type Tensor as OrtTensor } from '../../onnxruntime.ts';
import type { Tensor } from '../../tensor.ts';
import { ortTensor } from '../ort-tensor.ts';
import type { Stub } from '../stub.ts';
import { isElementType } from '../types.ts';

/** Runs a stub on the inputs that it names and gives its outputs in its order. */
export async function runStub(
  stub: Stub,
  inputs: readonly Tensor[],
  level: 'disabled' | 'all' = 'disabled',
): Promise<Tensor[]> {
  const session = await InferenceSession.create(stub.bytes, {
    graphOptimizationLevel: level,
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
    extra: { session: { model_external_initializers_file_folder_path: stub.folder } },
  });
  try {
    const feeds: Record<string, OrtTensor> = {};
    for (const input of inputs) if (stub.inputs.includes(input.name)) feeds[input.name] = ortTensor(input);
    const results = await session.run(feeds);
    return stub.outputs.map((name) => tensorOf(name, results[name]));
  } finally {
    await session.release();
  }
}

/** The elements of one of ONNX Runtime's tensors as bytes. Throws for types that are none of ours. */
export function tensorOf(name: string, tensor: OrtTensor | undefined): Tensor {
  if (tensor === undefined || !isElementType(tensor.type) || !ArrayBuffer.isView(tensor.data)) {
    throw new TypeError(`The output "${name}" is ${tensor?.type ?? 'missing'}.`);
  }
  const { buffer, byteOffset, byteLength } = tensor.data;
  return {
    name,
    type: tensor.type,
    shape: tensor.dims,
    data: new Uint8Array(buffer, byteOffset, byteLength),
  };
}
