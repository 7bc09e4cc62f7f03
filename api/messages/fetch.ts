import { z } from 'zod';

/** How far a worker's download is: while a large one runs, at most every 10 s, and once when it is whole. */
export const fetchMessageSchema = z.strictObject({
  what: z.enum(['Model', 'Input']),
  /** The file's name, without the address that it comes from. */
  name: z.string(),
  bytes: z.number(),
  /** Null where the server does not say. */
  totalBytes: z.number().nullable(),
  at: z.iso.datetime(),
});
export type FetchMessage = z.infer<typeof fetchMessageSchema>;
