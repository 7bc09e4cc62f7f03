import { createAccount, createOperator, fromPublic, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { nativeKeyPair } from './key-pair.ts';

/** What it takes to make credentials for an account of a NATS server. */
export interface AccountKeys {
  /** The account's public key (`A...`). JetStream keeps its files under it. */
  readonly account: string;
  /** Seed of one of the account's signing keys (`SA...`); a secret. */
  readonly signingSeed: string;
}

/** The keys of a NATS server of our own. Seeds are secrets. */
export interface ServerKeys extends AccountKeys {
  readonly operatorSeed: string;
  readonly accountSeed: string;
  /** Of the account that only the server's own monitoring uses. */
  readonly systemSeed: string;
}

/** New keys for a NATS server. */
export function createKeys(): ServerKeys {
  const account = createAccount();
  return {
    account: account.getPublicKey(),
    accountSeed: seedOf(account),
    signingSeed: seedOf(createAccount()),
    operatorSeed: seedOf(createOperator()),
    systemSeed: seedOf(createAccount()),
  };
}

/** The same server and account, and so the same data, with another signing key: credentials made before are void. */
export function rotateSigningKey(keys: ServerKeys): ServerKeys {
  return { ...keys, signingSeed: seedOf(createAccount()) };
}

/** The public key of a seed; throws where it is none. */
export function publicKey(seed: string): string {
  return keyPair(seed).getPublicKey();
}

export function keyPair(seed: string): KeyPair {
  return nativeKeyPair(fromSeed(new TextEncoder().encode(seed)));
}

/** Whether a text is the public key of an account. */
export function isAccount(key: string): boolean {
  try {
    return key.startsWith('A') && fromPublic(key).getPublicKey() === key;
  } catch {
    return false;
  }
}

function seedOf(pair: KeyPair): string {
  return new TextDecoder().decode(pair.getSeed());
}
