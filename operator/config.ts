import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { natsServers } from '../api/nats-url.ts';

const seconds = z.int().positive();
const natsUrl = z
  .string()
  .refine((url) => natsServers(url) !== null, { error: 'write nats://HOST:PORT or tls://HOST:PORT' });
const port = z.int().min(0).max(65_535);

/** The operator's configuration file, which the chart writes; port 0 lets the system choose. */
export const operatorConfigSchema = z.strictObject({
  /** Names this cluster in NATS subjects; default: the UID of the namespace kube-system. */
  clusterId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,128}$/, 'write letters, digits, _ and -, at most 128')
    .optional(),
  nats: z
    .strictObject({
      url: natsUrl,
      /** As workers reach it; default: `url`. */
      workerUrl: natsUrl.optional(),
      /** Secret in the operator's namespace with the keys of a NATS account: each experiment gets its own credentials. */
      keysSecret: z.string().min(1).optional(),
      /** Make that Secret where it is missing. */
      manageKeys: z.boolean().default(false),
      /** Servers of a NATS cluster that keep each record. */
      replicas: z.union([z.literal(1), z.literal(3), z.literal(5)]).default(1),
      /** Credentials that all share. */
      credentialsFile: z.string().min(1).optional(),
    })
    .refine(({ keysSecret, credentialsFile }) => (keysSecret === undefined) !== (credentialsFile === undefined), {
      error: 'give either keysSecret or credentialsFile',
    }),
  images: z.strictObject({
    cpu: z.string().min(1),
    cuda: z.string().min(1),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  }),
  leaderElection: z
    .strictObject({
      /** Default: the operator's own. */
      namespace: z.string().min(1).optional(),
      name: z.string().min(1).default('splitlab-operator'),
      leaseDurationSeconds: seconds.default(15),
      renewDeadlineSeconds: seconds.default(10),
      retryPeriodSeconds: seconds.default(2),
    })
    .refine(
      ({ leaseDurationSeconds, renewDeadlineSeconds, retryPeriodSeconds }) =>
        leaseDurationSeconds > renewDeadlineSeconds && renewDeadlineSeconds > retryPeriodSeconds,
      { error: 'leaseDurationSeconds must be above renewDeadlineSeconds, and that above retryPeriodSeconds' },
    )
    .prefault({}),
  /** Experiments worked on at the same time. */
  concurrency: z.int().min(1).max(256).default(4),
  resultsApi: z
    .strictObject({
      port: port.default(8443),
      tls: z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) }).optional(),
    })
    .prefault({}),
  healthPort: port.default(8081),
  purge: z.strictObject({ graceSeconds: seconds.default(3_600), intervalSeconds: seconds.default(600) }).prefault({}),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

export type OperatorConfig = z.output<typeof operatorConfigSchema>;

/** A configuration file that cannot be used; the message names each field that is wrong. */
export class ConfigInvalid extends Error {
  readonly code = 'ConfigInvalid';
  constructor(file: string, what: string, options?: ErrorOptions) {
    super(`${file}: ${what}; correct it, or the values of the chart that writes it`, options);
    this.name = 'ConfigInvalid';
  }
}

/** Reads the configuration and fills in the defaults. Throws `ConfigInvalid`. */
export async function readConfig(file: string): Promise<OperatorConfig> {
  try {
    return parseConfig(file, JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (error instanceof ConfigInvalid) throw error;
    throw new ConfigInvalid(file, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

export function parseConfig(file: string, value: unknown): OperatorConfig {
  const parsed = operatorConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new ConfigInvalid(file, wrong.join('; '));
}
