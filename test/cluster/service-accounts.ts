import { z } from 'zod';
import type { Client } from './client.ts';

const tokenSchema = z.object({ status: z.object({ token: z.string() }) });

/** A token of a service account from the API server (TokenRequest), valid for `seconds`; the account is made if absent. */
export async function serviceAccountToken(
  client: Client,
  namespace: string,
  name: string,
  seconds: number,
): Promise<string> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } };
  const made = await client.send('POST', accounts, account);
  if (made.status !== 201 && made.status !== 409) throw refused(`${accounts}/${name}`, made.body);
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: seconds },
  };
  const { status, body } = await client.send('POST', `${accounts}/${name}/token`, request);
  if (status !== 201) throw refused(`${accounts}/${name}/token`, body);
  return tokenSchema.parse(body).status.token;
}

function refused(path: string, body: unknown): Error {
  return new Error(`POST ${path}: ${JSON.stringify(body)}`);
}
