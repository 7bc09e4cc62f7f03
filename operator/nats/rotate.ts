// Reads the Secret of a NATS server's keys as JSON and writes it with another signing key:
// kubectl get secret NAME -o json | node operator/nats/rotate.ts | kubectl replace -f -
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { keySecretData, serverKeysOf, textOf } from './key-secret.ts';
import { rotateSigningKey } from './keys.ts';

const secretSchema = z.looseObject({
  kind: z.literal('Secret'),
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  data: z.record(z.string(), z.string()),
});

/** The Secret, read and written as JSON text; throws `KeysInvalid` where it holds no keys of a server of our own. */
export async function rotated(secret: string): Promise<string> {
  const object = secretSchema.parse(JSON.parse(secret));
  const { name, namespace } = object.metadata;
  const keys = rotateSigningKey(serverKeysOf(`${namespace}/${name}`, textOf(object.data)));
  const data = Object.entries(await keySecretData(keys)).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64'),
  ]);
  return JSON.stringify({ ...object, data: Object.fromEntries(data) });
}

if (import.meta.main) process.stdout.write(await rotated(await text(process.stdin)));
