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
  return {
    send: (method, path, body, type = 'application/json') =>
      new Promise((resolve, reject) => {
        const payload = body === undefined ? undefined : JSON.stringify(body);
        const headers = {
          accept: 'application/json',
          ...(payload !== undefined && { 'content-type': type, 'content-length': Buffer.byteLength(payload) }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        };
        const sent = request(new URL(path, server), { method, agent, headers }, async (response) => {
          try {
            const answer = await text(response);
            const isJson = response.headers['content-type']?.startsWith('application/json');
            resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(answer) : answer });
          } catch (error) {
            reject(error);
          }
        });
        sent.setTimeout(30_000, () => sent.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
        sent.on('error', reject).end(payload);
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}
