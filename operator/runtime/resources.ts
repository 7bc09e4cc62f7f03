import type {
  CoreV1Event,
  V1ConfigMap,
  V1Lease,
  V1Namespace,
  V1Node,
  V1Pod,
  V1Secret,
  V1SubjectAccessReview,
  V1TokenReview,
} from '@kubernetes/client-node';
import type { KubeObject } from './objects.ts';
import { defineResource, defineSecretResource } from './resource.ts';
import type { Wire } from './wire.ts';

const core = { group: '', version: 'v1' };

export const pods = defineResource<Wire<V1Pod>>({ ...core, plural: 'pods', kind: 'Pod', namespaced: true });
export const events = defineResource<Wire<CoreV1Event>>({ ...core, plural: 'events', kind: 'Event', namespaced: true });
export const nodes = defineResource<Wire<V1Node>>({ ...core, plural: 'nodes', kind: 'Node', namespaced: false });
export const namespaces = defineResource<Wire<V1Namespace>>({
  ...core,
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
});
export const configMaps = defineResource<Wire<V1ConfigMap>>({
  ...core,
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
});
export const secrets = defineSecretResource<Wire<V1Secret>>({
  ...core,
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
});
export const leases = defineResource<Wire<V1Lease>>({
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
});
export const tokenReviews = defineSecretResource<Wire<V1TokenReview>>({
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'tokenreviews',
  kind: 'TokenReview',
  namespaced: false,
});
export const subjectAccessReviews = defineSecretResource<Wire<V1SubjectAccessReview>>({
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'subjectaccessreviews',
  kind: 'SubjectAccessReview',
  namespaced: false,
});

/** A SplitExperiment as the runtime sees it; who reads spec or status parses them with the schemas of `api/`. */
export interface SplitExperimentObject extends KubeObject {
  readonly spec: unknown;
  readonly status?: unknown;
}
export const splitExperiments = defineResource<SplitExperimentObject>({
  group: 'splitlab.dev',
  version: 'v1alpha1',
  plural: 'splitexperiments',
  kind: 'SplitExperiment',
  namespaced: true,
});
