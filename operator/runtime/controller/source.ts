import type { Handler } from '../informer/informer.ts';
import { type KubeObject, keyOf, type Stored } from '../objects.ts';
import { controllerOf } from '../owner.ts';
import type { Request } from './reconciler.ts';

/** Where a controller hears of changes: an informer. */
export interface Source<T extends KubeObject> {
  addHandler(handler: Handler<T>): () => void;
  synced(signal?: AbortSignal): Promise<void>;
}

/** Which requests an object leads to. */
export type RequestMapper<T extends KubeObject> = (object: Stored<T>) => Iterable<Request>;

/** Whether a change matters; `old` is null for an object that is new or gone. */
export type Predicate<T extends KubeObject> = (object: Stored<T>, old: Stored<T> | null) => boolean;

/** The object itself. */
export function requestForObject(object: Stored<KubeObject>): readonly Request[] {
  return [keyOf(object)];
}

/** The object of this kind that controls the object, if one does. */
export function requestForOwner(owner: { readonly kind: string; readonly group: string }): RequestMapper<KubeObject> {
  return (object) => {
    const reference = controllerOf(object);
    const group = reference?.apiVersion.includes('/') ? reference.apiVersion.split('/', 1)[0] : '';
    if (reference?.kind !== owner.kind || group !== owner.group) return [];
    const { namespace } = object.metadata;
    return [namespace === undefined ? { name: reference.name } : { namespace, name: reference.name }];
  };
}

/** Leaves out updates that change neither spec nor metadata that counts: the server raises `generation` for a new spec. */
export function generationChanged(object: Stored<KubeObject>, old: Stored<KubeObject> | null): boolean {
  return (
    old === null ||
    old.metadata.generation !== object.metadata.generation ||
    old.metadata.deletionTimestamp !== object.metadata.deletionTimestamp
  );
}
