import { z } from 'zod';

/** How the tensors at a cut are encoded for the link. */
export const codecSchema = z.strictObject({
  type: z.enum(['Float32', 'Float16', 'BFloat16', 'Affine', 'Json']),
  affine: z
    .strictObject({
      bits: z.int32().min(2).max(8).default(8),
      granularity: z.enum(['PerTensor', 'PerChannel']).default('PerTensor'),
    })
    .optional(),
  compression: z.enum(['None', 'Zstd', 'Deflate']).default('None'),
});

/** A codec with its defaults filled in. */
export type Codec = z.infer<typeof codecSchema>;
