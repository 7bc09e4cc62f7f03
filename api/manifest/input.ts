import { z } from 'zod';
import { atomicList, mapList } from './lists.ts';
import { claimPathSchema, downloadSchema, localPath } from './references.ts';
import { atMostOneOf, memberNamedByType, notInACluster, withRules } from './rules.ts';
import { decimalText, integer, relativePath, text } from './values.ts';

const channels = { min: 1, max: 4 };
const channelValue = () => decimalText({ min: '-1e6', max: '1e6' });

const customPreprocessSchema = z
  .strictObject({
    size: z
      .strictObject({
        height: integer(1, 16384).describe('Rows of pixels.'),
        width: integer(1, 16384).describe('Columns of pixels.'),
      })
      .optional()
      .describe("Size of the image that the model gets; absent: the model's own input size."),
    resize: z
      .enum(['Shortest', 'Stretch', 'Letterbox'])
      .default('Shortest')
      .describe(
        'How an image comes to that size. Shortest: scaled until it covers the size, the middle cut out. Stretch: scaled without regard to its proportions. Letterbox: scaled until it fits, the rest filled.',
      ),
    channelOrder: z.enum(['RGB', 'BGR']).default('RGB').describe('Order of the colour channels.'),
    scale: decimalText({ min: '1e-9', max: '1e6' })
      .default('1')
      .describe('Factor on each value (0 to 255), applied before mean and std.'),
    mean: atomicList(channelValue(), channels)
      .default(['0', '0', '0'])
      .describe('Subtracted per channel, in the order of the channels.'),
    std: atomicList(decimalText({ min: '1e-9', max: '1e6' }), channels)
      .default(['1', '1', '1'])
      .describe('What is left is divided by this, per channel.'),
    layout: z
      .enum(['NCHW', 'NHWC'])
      .optional()
      .describe("Order of the dimensions; absent: as the model's input shape shows."),
  })
  .describe('value = (pixel x scale - mean) / std, per channel.');

const preprocessSchema = withRules(
  z.strictObject({
    type: z
      .enum(['Imagenet', 'Caffe', 'None', 'Custom'])
      .describe(
        'Imagenet: 0 to 1, the ImageNet mean subtracted, divided by its deviation. Caffe: BGR with the mean subtracted, as Keras does for VGG16 and ResNet50. None: the values as they are. Custom: as the member custom says.',
      ),
    custom: customPreprocessSchema.optional(),
  }),
  memberNamedByType({ Custom: 'custom' }),
);

const dimensionSchema = z.strictObject({
  name: text(128).describe('Name of the free dimension as the model has it.'),
  size: integer(1, 1_000_000).describe('The size that it gets.'),
});

/** What is fed to the model; without a source the zoo's sample, else random values. */
export const inputSchema = withRules(
  z.strictObject({
    sample: z.enum(['Cat', 'Photos', 'Digits']).optional().describe('Pictures that come with splitlab.'),
    random: z
      .strictObject({
        seed: integer(0, 2 ** 31 - 1)
          .default(1)
          .describe('Seed of the values.'),
      })
      .optional()
      .describe("Seeded random values in the shapes of the model's inputs."),
    http: downloadSchema.optional().describe('A file on the web.'),
    persistentVolumeClaim: claimPathSchema.optional().describe('A file or folder in a PersistentVolumeClaim.'),
    file: localPath()
      .optional()
      .describe(
        "An image, a folder of images, a .npy file, or .npz files with arrays named as the model's inputs, relative to the manifest. For local runs; refused in a cluster.",
      ),
    labels: relativePath()
      .optional()
      .describe('A CSV file inside the source with the columns file,label; with it, accuracy is measured.'),
    dimensions: mapList(dimensionSchema, 'name', { max: 16 })
      .default([])
      .describe('Sizes of free dimensions other than the batch; one that is not listed is 1.'),
    preprocess: preprocessSchema
      .optional()
      .describe(
        'How an image becomes a tensor; absent: what the zoo model was trained with, else Imagenet for images.',
      ),
  }),
  atMostOneOf(['sample', 'random', 'http', 'persistentVolumeClaim', 'file']),
  notInACluster('file', 'http or persistentVolumeClaim'),
).describe(
  "What is fed to the model: at most one source; absent: the zoo model's sample, else random values with seed 1.",
);

export type Input = z.output<typeof inputSchema>;
export type Preprocess = z.output<typeof preprocessSchema>;
