import type { KubeObject, Stored } from '../objects.ts';
import type { Resource } from '../resource.ts';
import { ApiUnreachable, type RequestSubject } from './errors.ts';

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses an answer. Throws ApiUnreachable: something on the way, not the API server, wrote what is not JSON. */
export function parseJson(subject: RequestSubject, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiUnreachable(subject, 'the answer is not JSON', { cause: error });
  }
}

/**
 * Whether this is an object that the server has stored. The rest of it is taken to be of the kind's type: the server
 * checks every object against the kind's schema before it stores it.
 */
function isStored<T extends KubeObject>(value: Record<string, unknown>): value is Record<string, unknown> & Stored<T> {
  const { metadata } = value;
  return (
    isRecord(metadata) &&
    typeof metadata.name === 'string' &&
    typeof metadata.uid === 'string' &&
    typeof metadata.resourceVersion === 'string'
  );
}

/** Takes an answer as an object of this kind; items of a list come without `apiVersion` and `kind`. Throws ApiUnreachable. */
export function asStored<T extends KubeObject>(
  subject: RequestSubject,
  resource: Resource<T>,
  apiVersion: string,
  value: unknown,
): Stored<T> {
  if (isRecord(value)) {
    value.apiVersion ??= apiVersion;
    value.kind ??= resource.kind;
    if (isStored<T>(value)) return value;
  }
  throw new ApiUnreachable(subject, `the answer is not a stored ${resource.kind}`);
}
