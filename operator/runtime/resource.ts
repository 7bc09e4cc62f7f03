import type { KubeObject } from './objects.ts';

declare const wireType: unique symbol;

/** Where a kind of object lives in the API. `T` is the kind's wire type. */
export interface Resource<T extends KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Whether an informer may hold these objects in memory. */
  readonly cacheable: boolean;
  readonly [wireType]?: T;
}

/** A kind that an informer may hold in memory. */
export interface CacheableResource<T extends KubeObject> extends Resource<T> {
  readonly cacheable: true;
}

export type ResourceNames = Pick<Resource<KubeObject>, 'group' | 'version' | 'plural' | 'kind' | 'namespaced'>;

/** Describes a kind; `group` is empty for the core API. */
export function defineResource<T extends KubeObject>(names: ResourceNames): CacheableResource<T> {
  return Object.freeze({ ...names, cacheable: true });
}

/** Describes a kind that is never kept in memory: credentials. */
export function defineSecretResource<T extends KubeObject>(names: ResourceNames): Resource<T> & { cacheable: false } {
  return Object.freeze({ ...names, cacheable: false });
}

/** `apps/v1`, or `v1` for the core API: the `apiVersion` of this kind's objects. */
export function apiVersionOf(resource: ResourceNames): string {
  return resource.group ? `${resource.group}/${resource.version}` : resource.version;
}
