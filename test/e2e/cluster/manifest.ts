import { smallSpec } from '../../support/manifest.ts';

/**
 * Workers that find room on a node of two cores beside others; they may use what is free, and the link is not held to
 * its tolerance here.
 */
const frugal = { requests: { cpu: '100m', memory: '192Mi' }, limits: { cpu: '2', memory: '768Mi' } };

/** Members of a spec that make its pods fit the nodes of a test cluster. */
export const fitting = {
  local: {
    resources: frugal,
    template: { spec: { initContainers: [{ name: 'link', resources: frugal }] } },
  },
  remote: { resources: frugal },
};

/** The manifest of a small experiment for a test cluster, with these members of the spec replaced. */
export function clusterManifest(
  namespace: string,
  name: string,
  changes: Readonly<Record<string, unknown>> = {},
  annotations: Readonly<Record<string, string>> = {},
): { readonly metadata: { readonly namespace: string; readonly name: string }; readonly spec: unknown } {
  const spec = { ...smallSpec, ...fitting, ...changes };
  const metadata = { namespace, name, annotations };
  const manifest = { apiVersion: 'splitlab.dev/v1alpha1', kind: 'SplitExperiment', metadata, spec };
  return manifest;
}

/** The security context of a container that a namespace of restricted pods takes. */
export const restricted = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
