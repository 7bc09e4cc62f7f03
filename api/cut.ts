import { z } from 'zod';

/** One tensor that crosses a cut. `shape` is concrete (batch included), `bytes` its size before encoding. */
const cutTensorSchema = z.strictObject({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  type: z.string(),
  bytes: z.int().nonnegative(),
});

/** A place where a model is divided, or the baseline that stands in its place; the member `cut` of a record. */
export const cutSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['Cut', 'LocalOnly', 'RemoteSource', 'RemotePixels', 'RemoteTensor']),
  layer: z.string().nullable(),
  tensors: z.array(cutTensorSchema),
  headMacsShare: z.number().min(0).max(1).nullable(),
  headParameterShare: z.number().min(0).max(1).nullable(),
  headParameterBytes: z.int().nonnegative().nullable(),
});

export type CutTensor = z.infer<typeof cutTensorSchema>;
export type Cut = z.infer<typeof cutSchema>;
export type CutKind = Cut['kind'];
