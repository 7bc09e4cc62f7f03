import { z } from 'zod';
import { KeysInvalid } from './errors.ts';
import { type AccountKeys, isAccount, publicKey, type ServerKeys } from './keys.ts';
import { authConfig } from './server-config.ts';

/** Keys of the Secret that hold what credentials are made with, and what a NATS server of our own needs besides. */
const issuing = { account: 'account', signingSeed: 'signing.seed' } as const;
const serving = { operatorSeed: 'operator.seed', accountSeed: 'account.seed', systemSeed: 'system.seed' } as const;
const authFile = 'auth.conf';

const seed = (prefix: string) =>
  z
    .string()
    .trim()
    .refine((text) => text.startsWith(prefix) && isSeed(text), { error: `it is not a seed of type ${prefix}` });
const issuingSchema = z.object({
  [issuing.account]: z.string().trim().refine(isAccount, { error: 'it is not the public key of an account (A...)' }),
  [issuing.signingSeed]: seed('SA'),
});
const servingSchema = issuingSchema.extend({
  [serving.operatorSeed]: seed('SO'),
  [serving.accountSeed]: seed('SA'),
  [serving.systemSeed]: seed('SA'),
});

/** What the Secret of a NATS server's keys holds, as text by key. */
export async function keySecretData(keys: ServerKeys): Promise<Record<string, string>> {
  return {
    [issuing.account]: keys.account,
    [issuing.signingSeed]: keys.signingSeed,
    [serving.operatorSeed]: keys.operatorSeed,
    [serving.accountSeed]: keys.accountSeed,
    [serving.systemSeed]: keys.systemSeed,
    [authFile]: await authConfig(keys),
  };
}

/** The keys to make credentials with, out of a Secret's text by key; throws {@link KeysInvalid} naming `source`. */
export function accountKeysOf(source: string, data: Readonly<Record<string, string>>): AccountKeys {
  const read = parse(issuingSchema, source, data);
  return { account: read[issuing.account], signingSeed: read[issuing.signingSeed] };
}

/** All keys of a server of our own; throws {@link KeysInvalid}, also for a Secret that came from elsewhere. */
export function serverKeysOf(source: string, data: Readonly<Record<string, string>>): ServerKeys {
  const read = parse(servingSchema, source, data);
  return {
    account: read[issuing.account],
    signingSeed: read[issuing.signingSeed],
    operatorSeed: read[serving.operatorSeed],
    accountSeed: read[serving.accountSeed],
    systemSeed: read[serving.systemSeed],
  };
}

/** A Secret's `data`, which the API server gives in base64, as text. */
export function textOf(data: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

function parse<T extends z.ZodType>(schema: T, source: string, data: unknown): z.infer<T> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const what = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new KeysInvalid(source, what);
}

function isSeed(text: string): boolean {
  try {
    publicKey(text);
    return true;
  } catch {
    return false;
  }
}
