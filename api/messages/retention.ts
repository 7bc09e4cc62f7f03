import { z } from 'zod';

/** What becomes of an experiment's results when its object is gone. The newest message on `subjects().retention` counts. */
export const retentionMessageSchema = z.strictObject({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  /** Delete: the leader purges them. Retain: they stay until somebody asks for their removal. */
  policy: z.enum(['Delete', 'Retain']),
  at: z.iso.datetime(),
});

export type RetentionMessage = z.infer<typeof retentionMessageSchema>;
export type RetentionPolicy = RetentionMessage['policy'];
