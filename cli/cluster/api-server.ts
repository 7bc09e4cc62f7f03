import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { z } from 'zod';
import { ClusterError } from './errors.ts';

export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

/** The cluster that the caller's kubeconfig names, reached with the caller's own credentials. */
export interface ApiServer {
  readonly kubeConfig: KubeConfig;
  readonly context: string;
  /** The namespace asked for, else the context's. */
  readonly namespace: string;
  /** The caller's bearer token, also of a credential plugin; null where the kubeconfig has another kind. */
  token(): Promise<string | null>;
  /** Sends one request. Throws `ClusterError` ClusterUnreachable. */
  send(method: string, path: string, options?: SendOptions): Promise<IncomingMessage>;
}

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Reads what kubectl would read. Throws `ClusterError` KubeconfigInvalid. */
export function openApiServer({ kubeconfig, context, namespace }: ClusterOptions): ApiServer {
  const kubeConfig = new KubeConfig();
  try {
    if (kubeconfig === undefined) kubeConfig.loadFromDefault();
    else kubeConfig.loadFromFile(kubeconfig);
  } catch (cause) {
    const message = `the kubeconfig ${kubeconfig ?? ''} cannot be read: ${messageOf(cause)}`;
    throw new ClusterError('KubeconfigInvalid', message, { cause });
  }
  if (context !== undefined) kubeConfig.setCurrentContext(context);
  const name = kubeConfig.getCurrentContext();
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster) {
    const known = kubeConfig.getContexts().map((one) => one.name);
    const message = `the kubeconfig has no context "${name}" with a cluster; it has: ${known.join(', ') || 'none'} (--context NAME)`;
    throw new ClusterError('KubeconfigInvalid', message);
  }
  const base = cluster.server.replace(/\/$/, '');

  async function credentials(): Promise<RequestOptions> {
    const options: RequestOptions = { headers: {} };
    try {
      await kubeConfig.applyToHTTPSOptions(options);
    } catch (cause) {
      const message = `the credentials of context "${name}" could not be had: ${messageOf(cause)}`;
      throw new ClusterError('KubeconfigInvalid', message, { cause });
    }
    return options;
  }

  return {
    kubeConfig,
    context: name,
    namespace: namespace ?? kubeConfig.getContextObject(name)?.namespace ?? 'default',
    async token() {
      const { headers } = await credentials();
      const own = Object.entries(headers ?? {}).find(([header]) => header.toLowerCase() === 'authorization')?.[1];
      return /^Bearer (.+)$/.exec(String(own ?? ''))?.[1] ?? null;
    },
    async send(method, path, { headers = {}, body, signal } = {}) {
      const own = await credentials();
      const url = new URL(`${base}${path}`);
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const options = {
        ...own,
        method,
        ...(signal && { signal }),
        headers: {
          ...Object.fromEntries(Object.entries(own.headers ?? {})),
          ...headers,
          ...(payload && { 'content-type': 'application/json' }),
        },
      };
      const sent = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
      sent.end(payload);
      try {
        return await answerTo(sent);
      } catch (cause) {
        if (signal?.aborted) throw signal.reason;
        const message = `the API server ${base} of context "${name}" cannot be reached: ${messageOf(cause)}`;
        throw new ClusterError('ClusterUnreachable', message, { cause });
      }
    },
  };
}

/** The answer to a request that was sent; rejects where none comes. */
export function answerTo(sent: ReturnType<typeof httpRequest>): Promise<IncomingMessage> {
  const answer = Promise.withResolvers<IncomingMessage>();
  sent.once('response', answer.resolve);
  sent.on('error', answer.reject);
  return answer.promise;
}

const statusSchema = z.object({ message: z.string() });

/** What an answer that is none says: the message of its Status, else its text. */
export async function refusalOf(answer: IncomingMessage): Promise<string> {
  const body = await text(answer);
  try {
    return statusSchema.parse(JSON.parse(body)).message;
  } catch {
    return body.slice(0, 300) || `status ${answer.statusCode}`;
  }
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
