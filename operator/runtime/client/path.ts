import type { ObjectKey } from '../objects.ts';
import type { ResourceNames } from '../resource.ts';

export type QueryValue = string | number | boolean | undefined;

function queryText(query: Readonly<Record<string, QueryValue>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text && `?${text}`;
}

/** Adds a query to a path; what is undefined is left out. */
export function withQuery(path: string, query: Readonly<Record<string, QueryValue>>): string {
  return path + queryText(query);
}

/** The path under which the API serves a kind: all of it, or one namespace's. */
export function collectionPath(resource: ResourceNames, namespace?: string): string {
  const root = resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`;
  const inside = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${inside}/${resource.plural}`;
}

/** The path of one object, or of a subresource of it. Throws RangeError where the name or the namespace is missing. */
export function objectPath(resource: ResourceNames, key: ObjectKey, subresource?: string): string {
  if (!key.name) throw new RangeError(`${resource.plural}: an object's name is needed`);
  if (resource.namespaced && !key.namespace) {
    throw new RangeError(`${resource.plural} ${key.name}: its namespace is needed`);
  }
  const path = `${collectionPath(resource, key.namespace)}/${encodeURIComponent(key.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}
