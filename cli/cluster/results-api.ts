import { request as httpRequest, type IncomingMessage } from 'node:http';
import { forwardedAuthorization } from '../../api/results/paths.ts';
import { type ApiServer, answerTo, messageOf, type SendOptions } from './api-server.ts';
import { ClusterError } from './errors.ts';
import { findOperatorPod, type OperatorPod } from './operator-pod.ts';
import { callerToken, type TokenOptions } from './token.ts';
import { openTunnel } from './tunnel.ts';

export const roads = ['PortForward', 'ServiceProxy'] as const;
export type Road = (typeof roads)[number];

export interface ResultsApiOptions extends TokenOptions {
  readonly operatorNamespace: string;
  /** Absent: a port-forward, and the service proxy where that is forbidden. */
  readonly via?: Road;
}

/** The results API as the caller reaches it. */
export interface ResultsApi {
  /** Sends one request as the caller; the answer may be a refusal. Throws `ClusterError`. */
  send(method: 'GET' | 'DELETE', path: string, options?: Pick<SendOptions, 'signal'>): Promise<IncomingMessage>;
}

/** Name and port of the operator's service for results. */
const service = 'splitlab-results:results';

/** Finds the way to the operator. Throws `ClusterError` with what is missing. */
export async function openResultsApi(server: ApiServer, options: ResultsApiOptions): Promise<ResultsApi> {
  const authorization = `Bearer ${await callerToken(server, options)}`;
  const { operatorNamespace: namespace, via } = options;
  if (via === 'ServiceProxy') return throughProxy(server, namespace, authorization);
  try {
    const pod = await findOperatorPod(server, namespace);
    // A first connection tells whether there is the right to one.
    (await openTunnel(server, pod)).destroy();
    return throughTunnel(server, pod, authorization);
  } catch (error) {
    if (via !== undefined || !(error instanceof ClusterError && error.code === 'Forbidden')) throw error;
    return throughProxy(server, namespace, authorization, error);
  }
}

/** A connection of its own for each request: a replica may go, and the next request finds another. */
function throughTunnel(server: ApiServer, pod: OperatorPod, authorization: string): ResultsApi {
  return {
    async send(method, path, { signal } = {}) {
      const tunnel = await openTunnel(server, pod);
      const sent = httpRequest({
        createConnection: () => tunnel,
        host: pod.name,
        method,
        path,
        headers: { authorization, connection: 'close' },
        ...(signal && { signal }),
      });
      sent.end();
      try {
        return await answerTo(sent);
      } catch (cause) {
        if (signal?.aborted) throw signal.reason;
        const message = `pod ${pod.namespace}/${pod.name} does not answer on port ${pod.port}: ${messageOf(cause)}`;
        throw new ClusterError('Refused', message, { cause });
      }
    },
  };
}

/** The API server takes `Authorization` for itself and passes it on to nobody: the token travels in another header. */
function throughProxy(server: ApiServer, namespace: string, authorization: string, refused?: ClusterError): ResultsApi {
  const proxy = `/api/v1/namespaces/${namespace}/services/${service}/proxy`;
  return {
    async send(method, path, { signal } = {}) {
      const headers = { [forwardedAuthorization]: authorization };
      const answer = await server.send(method, `${proxy}${path}`, { headers, ...(signal && { signal }) });
      if (answer.headers['x-content-type-options'] === 'nosniff' && answer.headers['referrer-policy']) return answer;
      // Not an answer of the results API: the API server itself refused.
      throw await proxyRefused(answer, namespace, refused);
    },
  };
}

async function proxyRefused(answer: IncomingMessage, namespace: string, tunnel?: ClusterError): Promise<ClusterError> {
  const { refusalOf } = await import('./api-server.ts');
  const refusal = await refusalOf(answer);
  const before = tunnel ? `${tunnel.message}; nor is the service proxy open: ` : '';
  if (answer.statusCode === 403) {
    const remedy = `ask for the right to get and create pods/portforward, or to get services/proxy of "${service}", in namespace "${namespace}" (role splitlab-results-reader)`;
    return new ClusterError('Forbidden', `${before}${refusal}: ${remedy}`);
  }
  if (answer.statusCode === 401) return new ClusterError('Unauthorized', `${before}${refusal}`);
  const remedy = `see kubectl -n ${namespace} get pods, or name the operator's namespace with --operator-namespace`;
  const code = answer.statusCode === 404 ? 'OperatorMissing' : 'OperatorNotReady';
  return new ClusterError(
    code,
    `${before}no operator answers behind service "${service}" of namespace "${namespace}" (${refusal}): ${remedy}`,
  );
}
