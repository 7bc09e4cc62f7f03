import type { V1PodSecurityContext, V1SecurityContext } from '@kubernetes/client-node';
import type { Wire } from '../runtime/wire.ts';

/** The user and group of the worker images, known on no machine. */
export const workerUser = 65532;

/**
 * Meets the Restricted level of the Pod Security Standards
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards). Volumes belong to the group, so that a claim
 * made by another pod can be read and a cache written; their files are walked only where that is not so yet.
 */
export const podSecurity = {
  runAsNonRoot: true,
  runAsUser: workerUser,
  runAsGroup: workerUser,
  fsGroup: workerUser,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
} as const satisfies Wire<V1PodSecurityContext>;

/** What the Restricted level asks of every container. */
export const restrictedContainer = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
} as const satisfies Wire<V1SecurityContext>;

/** What our own containers have beyond it. */
export const containerSecurity = {
  ...restrictedContainer,
  readOnlyRootFilesystem: true,
} as const satisfies Wire<V1SecurityContext>;
