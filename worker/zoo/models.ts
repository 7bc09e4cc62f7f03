import type { Preprocess, SampleName } from '../input/spec.ts';
import type { ClassSet } from './labels.ts';
import { alexNet } from './random/alexnet.ts';
import type { ZooGraph } from './random/graph.ts';
import { mobileNetV2 } from './random/mobilenet-v2.ts';
import { resNet50 } from './random/resnet50.ts';
import { vgg16 } from './random/vgg16.ts';

export type ZooModelName = 'EfficientNetLite0' | 'DigitsCnn' | 'VGG16' | 'ResNet50' | 'MobileNetV2' | 'AlexNet';

/** What is known of a zoo model before its file is there. */
export interface ZooModel {
  /** Random: the architecture with seeded weights; its answers mean nothing, its sizes and times do. */
  readonly weights: 'Trained' | 'Random';
  readonly source: ModelSource;
  /** SHA-256 of the .onnx file as hex digits. */
  readonly digest: string;
  readonly defaultSample: SampleName;
  readonly preprocess: Preprocess;
  readonly labels: ClassSet;
  /** Whose names its layers have; Own: those of the file's author. */
  readonly layerNames: 'Keras' | 'Torchvision' | 'Own';
  /** Channels, height and width. */
  readonly inputShape: readonly [number, number, number];
}

/** A file of the zoo's data folder, or a graph that is written at first use. */
export type ModelSource = { readonly file: string } | { readonly graph: () => ZooGraph };

const photographs = { defaultSample: 'Photos', labels: 'ImageNet', inputShape: [3, 224, 224] } as const;

/** Every model of the zoo. */
export const zooModels: Readonly<Record<ZooModelName, ZooModel>> = {
  EfficientNetLite0: {
    ...photographs,
    weights: 'Trained',
    source: { file: 'efficientnet-lite0.onnx' },
    digest: '739fdb41d1d7bbe74680af671706ed4a75f9991e388a6f3089aae3f70162a93f',
    preprocess: { type: 'Imagenet' },
    layerNames: 'Own',
  },
  DigitsCnn: {
    weights: 'Trained',
    source: { file: 'digits-cnn.onnx' },
    digest: '7d413c189af13ee114e887b95f30fb0b5538957c24149d16895eb177914818ce',
    defaultSample: 'Digits',
    preprocess: { type: 'Custom', custom: { resize: 'Stretch', scale: '0.00392156862745098' } },
    labels: 'Digits',
    layerNames: 'Own',
    inputShape: [1, 28, 28],
  },
  VGG16: {
    ...photographs,
    weights: 'Random',
    source: { graph: vgg16 },
    digest: '5d5584c20d745f2e89a222035954aff92a249aeeb420ce141d8bd9b63291f83f',
    preprocess: { type: 'Caffe' },
    layerNames: 'Keras',
  },
  ResNet50: {
    ...photographs,
    weights: 'Random',
    source: { graph: resNet50 },
    digest: 'c999d4edbb892bfc587d62b8b916f0ccfa446fffab5e083ac5a3f04778be7aa6',
    preprocess: { type: 'Caffe' },
    layerNames: 'Keras',
  },
  MobileNetV2: {
    ...photographs,
    weights: 'Random',
    source: { graph: mobileNetV2 },
    digest: 'd6314fa5cf9c313b307be7ad6092d13f13e2a86280e6bde6182dae3c4d97a7f5',
    preprocess: { type: 'Imagenet' },
    layerNames: 'Keras',
  },
  AlexNet: {
    ...photographs,
    weights: 'Random',
    source: { graph: alexNet },
    digest: '2bdb303fa4d925e300c1ed5bb7efdcc5e114a99f35c00105bfeede1860ec5d70',
    preprocess: { type: 'Imagenet' },
    layerNames: 'Torchvision',
  },
};

/** Whether the zoo has a model of this name. */
export function isZooModel(name: string): name is ZooModelName {
  return Object.hasOwn(zooModels, name);
}
