import { z } from 'zod';
import { manifestSchema } from './manifest/manifest.ts';
import { natsServers } from './nats-url.ts';
import { parseTraceparent } from './trace/context.ts';

const token = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);
const count = z.int().nonnegative();

const natsUrl = z.string().refine((url) => natsServers(url) !== null, {
  error: 'expected nats://HOST:PORT or tls://HOST:PORT, several of them with commas between',
});

/** How a worker or the link emulator reaches NATS. A credentials file holds a user's JWT and the seed of its nkey. */
export const natsConfigSchema = z.union([
  z.strictObject({ url: natsUrl, user: z.string(), password: z.string() }),
  z.strictObject({ url: natsUrl, credentialsFile: z.string().min(1) }),
]);

const locatedModelSchema = z.strictObject({
  name: z.string(),
  path: z.string(),
  /** `sha256:` and 64 hex digits. */
  digest: z.string(),
  weights: z.enum(['Trained', 'Random', 'Unknown']),
});

/** Configuration file of the workers and of the link emulator, written by whoever starts them. */
export const workerConfigSchema = z.strictObject({
  experiment: z.strictObject({ name: z.string(), namespace: z.string() }),
  scope: z.strictObject({ cluster: token, namespace: token, uid: token }),
  /** Absent, as in a file that several pods share: the environment's SPLITLAB_LANE and SPLITLAB_POD_ATTEMPT. */
  lane: count.optional(),
  podAttempt: count.optional(),
  nats: natsConfigSchema,
  /** The manifest as it runs; each worker checks it again. */
  manifest: manifestSchema,
  /** Null: the worker finds or fetches the model itself, and the defaults that depend on it. */
  model: locatedModelSchema.nullable(),
  /** Folder that paths in the manifest are relative to. */
  folder: z.string().default('/'),
  /** What cluster sources are here: `pvc/NAME`, `configmap/NAME` or `secret/NAME` to a folder. */
  binds: z.record(z.string(), z.string()).default({}),
  /** The span that stands for the experiment, as a W3C traceparent; absent: the one that follows from its UID. */
  traceparent: z
    .string()
    .refine((value) => parseTraceparent(value) !== null, {
      error: 'expected 00-TRACE-SPAN-FLAGS in hexadecimal digits',
    })
    .optional(),
});

/** What is written into the file. */
export type WorkerConfigFile = z.input<typeof workerConfigSchema>;
/** What a worker goes by: the file, and its place in the experiment. */
export type WorkerConfig = z.output<typeof workerConfigSchema> & {
  readonly lane: number;
  readonly podAttempt: number;
};
export type NatsConfig = z.infer<typeof natsConfigSchema>;
/** A model as workers need it: where its file is and what it is called. */
export type LocatedModel = z.infer<typeof locatedModelSchema>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a worker's configuration; lane and podAttempt come from the environment where the file has none. */
export function workerConfigIn(environment: Environment) {
  return workerConfigSchema.transform((file, context): WorkerConfig => {
    const lane = placeIn(environment, 'SPLITLAB_LANE', file.lane, context);
    const podAttempt = placeIn(environment, 'SPLITLAB_POD_ATTEMPT', file.podAttempt, context);
    return { ...file, lane, podAttempt };
  });
}

/** Reads what the link emulator needs of the same file. */
export function linkConfigIn(environment: Environment) {
  const { experiment, scope, lane, nats, traceparent } = workerConfigSchema.shape;
  return z.object({ experiment, scope, lane, nats, traceparent }).transform((file, context) => ({
    ...file,
    lane: placeIn(environment, 'SPLITLAB_LANE', file.lane, context),
  }));
}

export type LinkConfig = z.output<ReturnType<typeof linkConfigIn>>;

function placeIn(environment: Environment, name: string, inFile: number | undefined, context: z.RefinementCtx): number {
  if (inFile !== undefined) return inFile;
  const text = environment[name] ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  context.addIssue(`the file says nothing of it, and ${name} is no whole number: set it`);
  return z.NEVER;
}
