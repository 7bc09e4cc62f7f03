import type { KubeObject, Stored } from '../objects.ts';
import { apiVersionOf, type Resource } from '../resource.ts';
import { ApiUnreachable, type RequestSubject } from './errors.ts';
import { readFailure, toApiError } from './status.ts';
import { asStored, isRecord, parseJson } from './stored.ts';

/** A change of an object, or a bookmark: everything up to this resourceVersion was sent. */
export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Stored<T> }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

function bookmarkVersion(object: unknown): string | null {
  const metadata = isRecord(object) ? object.metadata : null;
  const version = isRecord(metadata) ? metadata.resourceVersion : null;
  return typeof version === 'string' && version !== '' ? version : null;
}

/**
 * Reads one line of a watch. An ERROR event is thrown as the error it describes (Gone: list again); a line that is no
 * event as ApiUnreachable. Kinds of events that this client does not know are null.
 */
export function readWatchEvent<T extends KubeObject>(
  subject: RequestSubject,
  resource: Resource<T>,
  line: string,
): WatchEvent<T> | null {
  const event = parseJson(subject, line);
  if (!isRecord(event)) throw new ApiUnreachable(subject, 'a line of the watch is not an event');
  const { type, object } = event;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: asStored(subject, resource, apiVersionOf(resource), object) };
    case 'BOOKMARK': {
      const resourceVersion = bookmarkVersion(object);
      return resourceVersion === null ? null : { type, resourceVersion };
    }
    case 'ERROR':
      throw toApiError(subject, readFailure(500, object, null));
    default:
      return null;
  }
}
