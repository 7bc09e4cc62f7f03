import { secretName } from '../../operator/pod/name.ts';
import type { Client } from '../../operator/runtime/client/client.ts';
import { NotFound } from '../../operator/runtime/client/errors.ts';
import { secrets } from '../../operator/runtime/resources.ts';
import { eventually } from '../support/deadline.ts';
import type { Stored } from './outcome.ts';

const patienceMs = 90_000;

/** Waits until a deleted experiment has left no Secret and nothing in the store. */
export async function nothingLeft(
  client: Client,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { archive, names }: Stored,
): Promise<void> {
  const key = { namespace, name: secretName(name) };
  await eventually(patienceMs, `the end of the Secret of ${name}`, async () => {
    try {
      await client.get(secrets, key);
      return null;
    } catch (error) {
      if (error instanceof NotFound) return true;
      throw error;
    }
  });
  await eventually(patienceMs, `the end of what ${name} stored`, async () => {
    for (const stream of ['records', 'samples'] as const) {
      for await (const page of archive.subjects(stream, names.all)) if (page.length > 0) return null;
    }
    return true;
  });
}
