import type { ServerResponse } from 'node:http';
import type { V1Pod } from '@kubernetes/client-node';
import type { Stored } from '../objects.ts';
import type { Wire } from '../wire.ts';

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A Status object, the API server's way of saying no. */
export function statusObject(code: number, reason: string, message = reason, details?: object) {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code, details };
}

export function answerStatus(response: ServerResponse, code: number, reason: string, headers = {}): void {
  answerJson(response, code, statusObject(code, reason), headers);
}

export function answerList(
  response: ServerResponse,
  items: readonly unknown[],
  resourceVersion: string | number,
  next?: string,
): void {
  const metadata = { resourceVersion: String(resourceVersion), ...(next && { continue: next }) };
  answerJson(response, 200, { kind: 'PodList', apiVersion: 'v1', metadata, items });
}

/** Begins the answer to a watch. */
export function openWatch(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
}

export function sendEvent(response: ServerResponse, type: string, object: unknown): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

export function sendBookmark(response: ServerResponse, resourceVersion: string | number): void {
  const metadata = { resourceVersion: String(resourceVersion) };
  sendEvent(response, 'BOOKMARK', { kind: 'Pod', apiVersion: 'v1', metadata });
}

/** A stored pod; its UID follows its name unless given. */
export function pod(
  name: string,
  resourceVersion: string | number,
  extra: Partial<Wire<V1Pod>> = {},
): Stored<Wire<V1Pod>> {
  const metadata = {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: String(resourceVersion),
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...extra.metadata,
  };
  return { apiVersion: 'v1', kind: 'Pod', ...extra, metadata };
}
