import { z } from 'zod';
import { manifestSchema } from '../api/manifest/manifest.ts';

const token = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);

/** How a worker or the link emulator reaches NATS. */
const natsConfigSchema = z.strictObject({ url: z.string(), user: z.string(), password: z.string() });

/** Configuration file of a local or remote worker, written by whoever starts it. */
export const workerConfigSchema = z.strictObject({
  experiment: z.strictObject({ name: z.string(), namespace: z.string() }),
  scope: z.strictObject({ cluster: token, namespace: token, uid: token }),
  lane: z.int().nonnegative(),
  podAttempt: z.int().nonnegative(),
  nats: natsConfigSchema,
  /** The manifest as it runs; each worker checks it again. */
  manifest: manifestSchema,
  model: z.strictObject({
    name: z.string(),
    path: z.string(),
    digest: z.string(),
    weights: z.enum(['Trained', 'Random', 'Unknown']),
  }),
  /** Folder that paths in the manifest are relative to. */
  folder: z.string(),
  /** What cluster sources are here: `pvc/NAME` or `configmap/NAME` to a folder. */
  binds: z.record(z.string(), z.string()),
});

export type WorkerConfig = z.infer<typeof workerConfigSchema>;
export type NatsConfig = z.infer<typeof natsConfigSchema>;
