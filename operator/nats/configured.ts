import { readFile } from 'node:fs/promises';
import { type Authenticator, credsAuthenticator } from 'nats';
import type { OperatorConfig } from '../config.ts';
import { type CredentialIssuer, credentialIssuer, operatorCredentials, sharedCredentials } from './credentials.ts';
import { ensureKeys, readKeys, type SecretClient } from './ensure-keys.ts';

/** How the operator itself logs in to NATS, and where its experiments' workers get their credentials from. */
export interface NatsCredentials {
  readonly issuer: CredentialIssuer;
  readonly authenticator: Authenticator;
}

/**
 * Takes the account's keys from their Secret (made if it is the operator's to manage), or the one file that all share.
 * Throws `KeysInvalid`, or what reading the file does.
 */
export async function natsCredentials(
  client: SecretClient,
  { nats }: Pick<OperatorConfig, 'nats'>,
  { namespace, clusterId }: { readonly namespace: string; readonly clusterId: string },
): Promise<NatsCredentials> {
  const encoder = new TextEncoder();
  if (nats.keysSecret !== undefined) {
    const keys = await (nats.manageKeys ? ensureKeys : readKeys)(client, namespace, nats.keysSecret);
    const own = encoder.encode(await operatorCredentials(keys, clusterId));
    return { issuer: credentialIssuer(keys), authenticator: credsAuthenticator(own) };
  }
  const text = await readFile(nats.credentialsFile ?? '', 'utf8');
  return { issuer: sharedCredentials(text), authenticator: credsAuthenticator(encoder.encode(text)) };
}
