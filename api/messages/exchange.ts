import { z } from 'zod';

/** What travels with the tensors of one inference from local to remote. */
export const exchangeRequestSchema = z.strictObject({
  /** Evaluation needs the output tensors even where the remote would send labels. */
  outputs: z.enum(['AsConfigured', 'Tensors']),
});

const classificationsSchema = z.array(z.array(z.strictObject({ label: z.string(), probability: z.number() })));

/** What travels back beside the output tensors: times on the remote's monotonic clock, in ms. */
export const exchangeReplySchema = z.strictObject({
  /** RemoteSource: the files are decoded and normalised. */
  preprocessedMs: z.number().nullable(),
  /** RemotePixels: the pixels are normalised. */
  normalisedMs: z.number().nullable(),
  tailDoneMs: z.number(),
  /** The labels are chosen. */
  postprocessedMs: z.number().nullable(),
  /** One list per row; null where the tensors came back instead. */
  labels: classificationsSchema.nullable(),
});

export type ExchangeRequest = z.infer<typeof exchangeRequestSchema>;
export type ExchangeReply = z.infer<typeof exchangeReplySchema>;
