import { z } from 'zod';
import { memberNamedByType, withRules } from './rules.ts';
import { integer } from './values.ts';

const affineSchema = z
  .strictObject({
    bits: integer(2, 8).default(8).describe('Bits of one value.'),
    granularity: z
      .enum(['PerTensor', 'PerChannel'])
      .default('PerTensor')
      .describe('Whether scale and offset are shared by the tensor or by each channel.'),
  })
  .describe('Values as whole numbers times a scale plus an offset.');

const affineDefaults = affineSchema.parse({});

/** How the tensors at a cut are encoded for the link. Integer tensors are sent as they are. */
export const codecSchema = withRules(
  z.strictObject({
    type: z
      .enum(['Float32', 'Float16', 'BFloat16', 'Affine', 'Json'])
      .describe(
        'Float32, Float16, BFloat16: floating point of that width. Affine: 2 to 8 bit whole numbers with scale and offset. Json: nested arrays as JSON text, as simple testbeds do.',
      ),
    affine: affineSchema.optional(),
    compression: z
      .enum(['None', 'Zstd', 'Deflate'])
      .default('None')
      .describe('Lossless compression of the encoded bytes.'),
  }),
  memberNamedByType({ Affine: 'affine' }, { optional: true }),
)
  .overwrite((codec) => (codec.type === 'Affine' ? { ...codec, affine: codec.affine ?? affineDefaults } : codec))
  .describe('How the tensors at a cut are encoded for the link. Integer tensors are sent as they are.');

/** A codec with its defaults filled in; `affine` is there for the type Affine alone. */
export type Codec = z.output<typeof codecSchema>;
