import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { resultsAudience } from '../../api/results/paths.ts';
import { type ApiServer, refusalOf } from './api-server.ts';
import { ClusterError } from './errors.ts';

export interface TokenOptions {
  readonly token?: string;
  readonly serviceAccount?: string;
}

const tokenSchema = z.object({ status: z.object({ token: z.string() }) });
/** The least that the API server grants. */
const tokenSeconds = 600;

/**
 * The token that tells the results API who asks: the one given, one made for a service account, or the kubeconfig's.
 * Throws `ClusterError` NoToken or Forbidden.
 */
export async function callerToken(server: ApiServer, { token, serviceAccount }: TokenOptions): Promise<string> {
  if (token !== undefined) return token;
  if (serviceAccount !== undefined) return mint(server, serviceAccount);
  const own = await server.token();
  if (own !== null) return own;
  throw new ClusterError(
    'NoToken',
    `context "${server.context}" has no bearer token (a client certificate cannot be passed on to the results API): name a service account of namespace "${server.namespace}" that may read experiments (--service-account NAME; you need the right to create serviceaccounts/token), or give a token (--token TOKEN)`,
  );
}

/** A token for the results API alone: nobody else accepts it. */
async function mint(server: ApiServer, name: string): Promise<string> {
  const path = `/api/v1/namespaces/${server.namespace}/serviceaccounts/${encodeURIComponent(name)}/token`;
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [resultsAudience], expirationSeconds: tokenSeconds },
  };
  const answer = await server.send('POST', path, { body });
  if (answer.statusCode === 201) return tokenSchema.parse(await json(answer)).status.token;
  const refusal = await refusalOf(answer);
  throw new ClusterError(
    answer.statusCode === 403 ? 'Forbidden' : answer.statusCode === 404 ? 'NotFound' : 'Refused',
    `no token could be made for the service account "${name}" of namespace "${server.namespace}": ${refusal}`,
  );
}
