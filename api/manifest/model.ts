import { z } from 'zod';
import { atomicList } from './lists.ts';
import { claimPathSchema, downloadSchema, localPath, secretRefSchema } from './references.ts';
import { exactlyOneOf, notInACluster, withRules } from './rules.ts';
import { relativePath, text } from './values.ts';

/** The models that come with the tool. */
export const zooModels = ['EfficientNetLite0', 'DigitsCnn', 'VGG16', 'ResNet50', 'MobileNetV2', 'AlexNet'] as const;
export type ZooModel = (typeof zooModels)[number];

const httpSchema = downloadSchema.extend({
  headersSecretRef: secretRefSchema
    .optional()
    .describe('A Secret whose keys and values are sent as HTTP headers, for servers that ask for a token.'),
  companions: atomicList(downloadSchema, { max: 64 })
    .optional()
    .describe(
      'Files that the model refers to (ONNX external data), stored beside it under the last part of their URL.',
    ),
});

const imageSchema = z.strictObject({
  reference: text(1024, /^\S+$/, 'an image reference without spaces').describe(
    'Reference of the OCI image or artifact.',
  ),
  pullPolicy: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .default('IfNotPresent')
    .describe('When the kubelet pulls the image.'),
  path: relativePath().describe('Path of the .onnx file inside the image.'),
});

/** The model that is divided: exactly one source. */
export const modelSchema = withRules(
  z.strictObject({
    zoo: z
      .enum(zooModels)
      .optional()
      .describe(
        'A model that comes with splitlab. EfficientNetLite0 and DigitsCnn are trained; VGG16, ResNet50, MobileNetV2 and AlexNet have seeded random weights and are labelled so in every result.',
      ),
    http: httpSchema.optional().describe('An .onnx file on the web.'),
    persistentVolumeClaim: claimPathSchema.optional().describe('An .onnx file in a PersistentVolumeClaim.'),
    image: imageSchema.optional().describe('An .onnx file in an OCI image, mounted as an image volume.'),
    file: localPath()
      .optional()
      .describe('An .onnx file on this machine, relative to the manifest. For local runs; refused in a cluster.'),
  }),
  exactlyOneOf(['zoo', 'http', 'persistentVolumeClaim', 'image', 'file']),
  notInACluster('file', 'http, persistentVolumeClaim or image'),
).describe('The model that is divided: exactly one source.');

export type Model = z.output<typeof modelSchema>;
