import type { Spec } from '../../api/manifest/spec.ts';

interface Need {
  readonly fileMiB: number;
  /** What each further input of a batch adds: tensors of the runtime, their copies in shared memory and as a frame. */
  readonly perInputMiB: number;
}

/** Of the zoo's models; measured, see docs/decisions/0075-requests.md. */
const zoo: Readonly<Record<NonNullable<Spec['model']['zoo']>, Need>> = {
  DigitsCnn: { fileMiB: 1, perInputMiB: 1 },
  EfficientNetLite0: { fileMiB: 18, perInputMiB: 64 },
  MobileNetV2: { fileMiB: 14, perInputMiB: 64 },
  ResNet50: { fileMiB: 98, perInputMiB: 64 },
  AlexNet: { fileMiB: 234, perInputMiB: 16 },
  VGG16: { fileMiB: 528, perInputMiB: 192 },
};

/** Of a model that only the worker will see: one of a gigabyte. */
const unknown: Need = { fileMiB: 1024, perInputMiB: 128 };

/** Node, ONNX Runtime, sharp and a connection's buffers. */
const processMiB = 512;
/** The mapped file, the runtime's own copy of the weights, and the copy it makes that from. */
const copiesOfWeights = 3;
const stepMiB = 256;

/** Memory that a worker needs for the model and the largest batch, as a quantity. */
export function workerMemory({ model, batchSizes }: Pick<Spec, 'model' | 'batchSizes'>): string {
  const { fileMiB, perInputMiB } = model.zoo === undefined ? unknown : zoo[model.zoo];
  const furtherInputs = Math.max(...batchSizes) - 1;
  const needed = processMiB + copiesOfWeights * fileMiB + furtherInputs * perInputMiB;
  return `${Math.ceil(needed / stepMiB) * stepMiB}Mi`;
}
