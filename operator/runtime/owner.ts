import type { V1OwnerReference } from '@kubernetes/client-node';
import type { KubeObject, Stored } from './objects.ts';
import type { Wire } from './wire.ts';

/**
 * Who owns an object; the UID alone tells an owner from a later one of the same name. An owner with a namespace owns
 * nothing outside of it: the API server lets anybody write any UID, and the collector then takes the object for orphaned.
 */
export interface Owner {
  readonly metadata: { readonly uid: string; readonly namespace?: string };
}

/**
 * The owner reference that makes `owner` the controller of an object: deleting it collects the object.
 * With `blockOwnerDeletion` the API server asks for permission to update the owner's finalizers.
 */
export function controllerOwner(
  owner: Stored<KubeObject>,
  { blockOwnerDeletion = false }: { readonly blockOwnerDeletion?: boolean } = {},
): Wire<V1OwnerReference> {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion };
}

/** The reference to the one owner that controls this object, or null. */
export function controllerOf(object: KubeObject): Wire<V1OwnerReference> | null {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller === true) ?? null;
}

/** Whether `owner` is among this object's owners. */
export function isOwnedBy(object: KubeObject, owner: Owner): boolean {
  const { ownerReferences = [] } = object.metadata ?? {};
  return isNear(object, owner) && ownerReferences.some(({ uid }) => uid === owner.metadata.uid);
}

/** Whether `owner` is the owner that controls this object. */
export function isControlledBy(object: KubeObject, owner: Owner): boolean {
  return isNear(object, owner) && controllerOf(object)?.uid === owner.metadata.uid;
}

function isNear({ metadata }: KubeObject, owner: Owner): boolean {
  return owner.metadata.namespace === undefined || owner.metadata.namespace === metadata?.namespace;
}
