import type { V1ObjectMeta, V1OwnerReference } from '@kubernetes/client-node';
import { apiVersion, kind } from '../../api/manifest/manifest.ts';
import { controllerOwner } from '../runtime/owner.ts';
import type { Wire } from '../runtime/wire.ts';
import type { OwnerObject, PodInput } from './input.ts';

/** Labels by which the objects of an experiment are found. */
export const labelKeys = {
  managedBy: 'app.kubernetes.io/managed-by',
  experimentUid: 'splitlab.dev/experiment-uid',
  lane: 'splitlab.dev/lane',
  side: 'splitlab.dev/side',
  podAttempt: 'splitlab.dev/pod-attempt',
} as const;

export const managedBy = 'splitlab';

/** Labels of everything that belongs to the experiment with this UID. */
export function experimentLabels(uid: string): Readonly<Record<string, string>> {
  return { [labelKeys.managedBy]: managedBy, [labelKeys.experimentUid]: uid };
}

/** Labels of a worker's pod. */
export function podLabels({ owner, lane, side, podAttempt }: PodInput): Readonly<Record<string, string>> {
  return {
    ...experimentLabels(owner.uid),
    [labelKeys.lane]: String(lane),
    [labelKeys.side]: side,
    [labelKeys.podAttempt]: String(podAttempt),
  };
}

/** Name, namespace and owner of an object that goes when the experiment does. */
export function ownedBy(owner: OwnerObject, name: string): Wire<V1ObjectMeta> {
  return { name, namespace: owner.namespace, ownerReferences: [ownerReference(owner)] };
}

function ownerReference({ name, uid }: OwnerObject): Wire<V1OwnerReference> {
  return controllerOwner({ apiVersion, kind, metadata: { name, uid, resourceVersion: '', creationTimestamp: '' } });
}
