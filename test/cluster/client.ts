import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  /** Parsed, where the server says that it is JSON; else text. */
  readonly body: unknown;
}

/** Requests to an API server as one identity, over connections that are kept. */
export interface Client extends Disposable {
  /** `body` is sent as JSON; `type` is the content type of a patch. Throws only where no answer comes. */
  send(method: string, path: string, body?: unknown, type?: string): Promise<Answer>;
}

export interface ClientOptions {
  readonly server: string;
  readonly ca: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly token?: string;
}

export function createClient({ server, ca, cert, key, token }: ClientOptions): Client {
  const agent = new Agent({ keepAlive: true, ca, ...(cert && { cert }), ...(key && { key }) });
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    send: (method, path, body, type) =>
      exchange(body, type, (headers) =>
        request(new URL(path, server), { method, agent, headers: { ...headers, ...authorization } }),
      ),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** A client by way of `kubectl proxy` on a Unix socket: with whatever credentials a kubeconfig has. */
export function createProxyClient(socketPath: string): Client {
  const agent = new HttpAgent({ keepAlive: true });
  return {
    send: (method, path, body, type) =>
      exchange(body, type, (headers) => httpRequest({ socketPath, path, method, agent, headers })),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function exchange(
  body: unknown,
  type = 'application/json',
  open: (headers: OutgoingHttpHeaders) => ClientRequest,
): Promise<Answer> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const content = payload === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(payload) };
  return new Promise((resolve, reject) => {
    const sent = open({ accept: 'application/json', ...content });
    sent.setTimeout(30_000, () => sent.destroy(new Error(`${sent.method} ${sent.path}: no answer in 30 s`)));
    sent.on('error', reject).on('response', (response) => {
      const isJson = response.headers['content-type']?.startsWith('application/json');
      text(response).then((answer) => {
        resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(answer) : answer });
      }, reject);
    });
    sent.end(payload);
  });
}
