import { decode, encodeUser, fmtCreds, type Permissions, type User } from '@nats-io/jwt';
import { createUser } from '@nats-io/nkeys';
import { z } from 'zod';
import { natsLimits } from '../../api/nats-limits.ts';
import type { ExperimentScope } from '../../api/subjects.ts';
import { nativeKeyPair } from './key-pair.ts';
import { type AccountKeys, keyPair, publicKey } from './keys.ts';
import { operatorPermissions, workerPermissions } from './permissions.ts';

/** Gives each experiment the NATS credentials of its workers. */
export interface CredentialIssuer {
  /** Whether an experiment's credentials are its own: the condition `Isolated`. */
  readonly isolated: boolean;
  /** Text of a credentials file; another one at each call. */
  issue(scope: ExperimentScope): Promise<string>;
  /** Whether credentials issued earlier are void, about to expire, or not what would be issued now. */
  needsRenewal(scope: ExperimentScope, credentials: string, now: Date): boolean;
}

export interface IssuerOptions {
  /** How long credentials are valid, in ms; default 30 days. They are renewed when a third is left. */
  readonly lifetimeMs?: number;
}

const defaultLifetimeMs = 30 * 24 * 3_600_000;
/** Of one connection; a worker has about ten. */
const subscriptions = 256;

/** Credentials per experiment, signed with the account's signing key. */
export function credentialIssuer(
  keys: AccountKeys,
  { lifetimeMs = defaultLifetimeMs }: IssuerOptions = {},
): CredentialIssuer {
  const signer = publicKey(keys.signingSeed);
  return {
    isolated: true,
    issue: (scope) =>
      sign(keys, `experiment-${scope.uid}`, workerPermissions(scope), {
        subs: subscriptions,
        expiresMs: Date.now() + lifetimeMs,
      }),
    needsRenewal(scope, credentials, now) {
      const claims = claimsOf(credentials);
      if (claims === null || claims.iss !== signer || claims.nats.issuer_account !== keys.account) return true;
      const { pub, sub } = workerPermissions(scope);
      if (JSON.stringify([claims.nats.pub, claims.nats.sub]) !== JSON.stringify([pub, sub])) return true;
      return claims.exp * 1000 - now.getTime() < lifetimeMs / 3;
    },
  };
}

/** One file of credentials for all experiments, where the NATS server's owner gives out no signing key. */
export function sharedCredentials(credentials: string): CredentialIssuer {
  return {
    isolated: false,
    issue: async () => credentials,
    needsRenewal: (_scope, held) => held !== credentials,
  };
}

/** Credentials of the operator itself, over all experiments of its cluster; they do not expire. */
export function operatorCredentials(keys: AccountKeys, cluster: string): Promise<string> {
  return sign(keys, `operator-${cluster}`, operatorPermissions(cluster));
}

interface Bounds {
  /** Subscriptions of one connection; default without limit. */
  readonly subs?: number;
  readonly expiresMs?: number;
}

async function sign(
  keys: AccountKeys,
  name: string,
  permissions: Permissions,
  { subs = -1, expiresMs }: Bounds = {},
): Promise<string> {
  const user = nativeKeyPair(createUser());
  const claims: Partial<User> = {
    ...permissions,
    subs,
    payload: natsLimits.max_payload,
    allowed_connection_types: ['STANDARD'],
  };
  const jwt = await encodeUser(name, user, keys.account, claims, {
    signer: keyPair(keys.signingSeed),
    ...(expiresMs !== undefined && { exp: Math.floor(expiresMs / 1000) }),
  });
  return new TextDecoder().decode(fmtCreds(jwt, user));
}

const subjectsSchema = z.object({ allow: z.array(z.string()) });
const claimsSchema = z.object({
  iss: z.string(),
  exp: z.number(),
  nats: z.object({ issuer_account: z.string(), pub: subjectsSchema, sub: subjectsSchema }),
});

function claimsOf(credentials: string): z.infer<typeof claimsSchema> | null {
  const jwt = /-----BEGIN NATS USER JWT-----\s*(\S+)/.exec(credentials)?.[1];
  if (jwt === undefined) return null;
  try {
    return claimsSchema.parse(decode(jwt));
  } catch {
    return null;
  }
}
