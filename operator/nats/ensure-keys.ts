import type { V1Secret } from '@kubernetes/client-node';
import type { ObjectKey, Stored } from '../runtime/objects.ts';
import { secrets } from '../runtime/resources.ts';
import type { Wire } from '../runtime/wire.ts';
import { KeysInvalid } from './errors.ts';
import { accountKeysOf, keySecretData, textOf } from './key-secret.ts';
import { type AccountKeys, createKeys } from './keys.ts';

type Secret = Wire<V1Secret>;

/** What is asked of the runtime's client; its errors carry the HTTP `status`. */
export interface SecretClient {
  get(resource: typeof secrets, key: ObjectKey): Promise<Stored<Secret>>;
  create(resource: typeof secrets, object: Secret): Promise<Stored<Secret>>;
}

/**
 * The keys in a Secret, which is made with new ones if it does not exist. It is never written again, so that operators
 * that start at once all have the keys of the first. Throws `KeysInvalid`, or the client's error.
 */
export async function ensureKeys(client: SecretClient, namespace: string, name: string): Promise<AccountKeys> {
  const key = { namespace, name };
  const found = await unless(404, client.get(secrets, key));
  if (found !== null) return keysIn(found);
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...key, labels: { 'app.kubernetes.io/managed-by': 'splitlab', 'app.kubernetes.io/component': 'nats' } },
    type: 'Opaque',
    stringData: await keySecretData(createKeys()),
  };
  const made = await unless(409, client.create(secrets, secret));
  return keysIn(made ?? (await client.get(secrets, key)));
}

/** The keys in a Secret that somebody else makes; throws `KeysInvalid` where there is none. */
export async function readKeys(client: SecretClient, namespace: string, name: string): Promise<AccountKeys> {
  const found = await unless(404, client.get(secrets, { namespace, name }));
  if (found === null) throw new KeysInvalid(`${namespace}/${name}`, 'there is no such Secret');
  return keysIn(found);
}

function keysIn({ metadata, data }: Stored<Secret>): AccountKeys {
  return accountKeysOf(`${metadata.namespace}/${metadata.name}`, textOf(data));
}

/** Null where the API server answers with this status. */
async function unless<T>(status: number, answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === status) return null;
    throw error;
  }
}
