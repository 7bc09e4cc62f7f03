import type { V1Container } from '@kubernetes/client-node';
import type { Wire } from '../../runtime/wire.ts';
import { settle } from '../amounts.ts';
import { guestDefaults } from '../resources.ts';
import { restrictedContainer } from '../security.ts';
import type { TemplateContainer } from './container.ts';

/** Our containers with what a template adds to those of their names, then the template's own. */
export function mergeContainers(
  ours: readonly Wire<V1Container>[],
  theirs: readonly TemplateContainer[] = [],
): readonly Wire<V1Container>[] {
  const names = new Set(ours.map(({ name }) => name));
  return [
    ...ours.map((container) =>
      withAdditions(
        container,
        theirs.find(({ name }) => name === container.name),
      ),
    ),
    ...theirs.filter(({ name }) => !names.has(name)).map(guest),
  ];
}

/** Env and mounts are merged by name and path, ours last so that they win; a later variable may refer to an earlier. */
function withAdditions(ours: Wire<V1Container>, theirs: TemplateContainer | undefined): Wire<V1Container> {
  if (theirs === undefined) return ours;
  const { image = ours.image, imagePullPolicy = ours.imagePullPolicy, env = [], volumeMounts = [], resources } = theirs;
  const [ourEnv, ourMounts] = [ours.env ?? [], ours.volumeMounts ?? []];
  return {
    ...ours,
    ...(image !== undefined && { image }),
    ...(imagePullPolicy !== undefined && { imagePullPolicy }),
    ...(theirs.envFrom && { envFrom: theirs.envFrom }),
    env: [...ourEnv, ...env.filter(({ name }) => !ourEnv.some((variable) => variable.name === name))],
    volumeMounts: [
      ...ourMounts,
      ...volumeMounts.filter(({ mountPath }) => !ourMounts.some((mount) => mount.mountPath === mountPath)),
    ],
    ...(resources && { resources: { ...amounts(resources, ours.resources?.limits), ...claims(resources) } }),
  };
}

/** A container of the user's keeps what it says; what it does not say keeps the pod Restricted and Guaranteed. */
function guest({ securityContext, resources = {}, ...container }: TemplateContainer): Wire<V1Container> {
  const add = securityContext?.capabilities?.add;
  const capabilities = { ...restrictedContainer.capabilities, ...(add && { add }) };
  return {
    ...container,
    resources: { ...amounts(resources, guestDefaults), ...claims(resources) },
    securityContext: { ...securityContext, ...restrictedContainer, capabilities },
  };
}

type Resources = NonNullable<TemplateContainer['resources']>;

function amounts({ limits, requests }: Resources, defaults: Readonly<Record<string, string>> = {}) {
  return settle({ limits: { ...limits }, requests: { ...requests } }, defaults);
}

function claims({ claims }: Resources) {
  return claims && { claims };
}
