import type { Spec } from '../../api/manifest/spec.ts';
import type { Side } from '../../api/subjects.ts';

interface Need {
  readonly fileMiB: number;
  /** What each further input of a batch adds: tensors of the runtime, their copies in shared memory and as a frame. */
  readonly perInputMiB: number;
}

/** Of the zoo's models; measured, see docs/decisions/0075-requests.md. */
const zoo: Readonly<Record<NonNullable<Spec['model']['zoo']>, Need>> = {
  DigitsCnn: { fileMiB: 1, perInputMiB: 1 },
  EfficientNetLite0: { fileMiB: 18, perInputMiB: 32 },
  MobileNetV2: { fileMiB: 14, perInputMiB: 32 },
  ResNet50: { fileMiB: 98, perInputMiB: 32 },
  AlexNet: { fileMiB: 234, perInputMiB: 16 },
  VGG16: { fileMiB: 528, perInputMiB: 96 },
};

/** Of a model that only the worker will see: one of a gigabyte. */
const unknown: Need = { fileMiB: 1024, perInputMiB: 64 };

/** Node, ONNX Runtime, sharp and a connection's buffers. */
const processMiB = 448;
/** The mapped file, the runtime's own copy of the weights, and the copy it makes that from. */
const copiesOfWeights = 3;
const stepMiB = 256;

/** A tensor as text, and the numbers that it is parsed into. */
const jsonFactor = 5;
/** What the driver and its libraries take of the host before the first tensor. */
const driverMiB = { CUDA: 2048, TensorRT: 4096 } as const;

/** Memory that the worker of a side needs for the model and the largest batch, as a quantity. */
export function workerMemory({ model, batchSizes, codecs, ...spec }: Spec, side: Side): string {
  const { fileMiB, perInputMiB } = model.zoo === undefined ? unknown : zoo[model.zoo];
  const factor = codecs.some(({ type }) => type === 'Json') ? jsonFactor : 1;
  const furtherInputs = (Math.max(...batchSizes) - 1) * perInputMiB * factor;
  const provider = spec[side].executionProvider;
  const driver = provider === 'CUDA' || provider === 'TensorRT' ? driverMiB[provider] : 0;
  const needed = processMiB + driver + copiesOfWeights * fileMiB + furtherInputs;
  return `${Math.ceil(needed / stepMiB) * stepMiB}Mi`;
}
