import { posix } from 'node:path';
import type { Path } from '../../../api/manifest/path.ts';
import type { Breach } from '../../../api/manifest/rules.ts';
import { isPlainObject } from '../../../api/plain-object.ts';
import { linkContainer, reservedEnvironment, workerContainer } from '../environment.ts';
import { places } from '../places.ts';
import { containerSecurity, workerUser } from '../security.ts';
import type { TemplateContainer } from './container.ts';
import type { PodTemplate } from './schema.ts';

/** What of our containers a template may add to or replace. */
const additions = new Set(['name', 'image', 'imagePullPolicy', 'env', 'envFrom', 'volumeMounts', 'resources']);
const ourFolders = [...Object.values(places), '/app', '/dev', '/proc'];

/** What is wrong with the containers of a template, of which those with our names are merged with ours. */
export function containerBreaches(pod: PodTemplate, { hasLink }: { readonly hasLink: boolean }): readonly Breach[] {
  const regular = (pod.containers ?? []).map((container, index) => ({ container, at: ['spec', 'containers', index] }));
  const init = (pod.initContainers ?? []).map((container, index) => ({
    container,
    at: ['spec', 'initContainers', index],
  }));
  return [
    ...regular.flatMap(({ container, at }) => breachesOf(container, at, workerContainer, linkContainer)),
    ...init.flatMap(({ container, at }) => breachesOf(container, at, hasLink ? linkContainer : null, workerContainer)),
    ...namesakes(pod),
  ];
}

function breachesOf(container: TemplateContainer, at: Path, ours: string | null, elsewhere: string): readonly Breach[] {
  const { name } = container;
  if (name === ours) return ownBreaches(container, at);
  if (name === elsewhere) {
    const remedy = `write it under ${at[1] === 'containers' ? 'initContainers' : 'containers'}, or use another name`;
    return [{ path: [...at, 'name'], message: 'is the name of a container of splitlab that stands elsewhere', remedy }];
  }
  if (name === linkContainer) {
    const remedy = 'leave it out: only the local pod of an experiment with a shaped link has one';
    return [{ path: [...at, 'name'], message: 'is a container that this pod does not have', remedy }];
  }
  if (container.image !== undefined) return [];
  const remedy = `write its image, or the name of a container of splitlab to add to that one`;
  return [{ path: [...at, 'image'], message: 'is missing', remedy }];
}

function ownBreaches(container: TemplateContainer, at: Path): readonly Breach[] {
  const { name, env = [], volumeMounts = [], resources, securityContext = {} } = container;
  const breach = (path: Path, message: string, remedy: string): Breach => ({ path: [...at, ...path], message, remedy });
  const fixed = Object.keys(container)
    .filter((field) => !additions.has(field) && field !== 'securityContext')
    .map((field) =>
      breach(
        [field],
        `is set by splitlab for its container ${name}`,
        `leave it out; ${[...additions].join(', ')} can be written`,
      ),
    );
  const security = Object.entries(securityContext)
    .filter(([field, value]) => !isOurs(field, value))
    .map(([field]) =>
      breach(['securityContext', field], `is not what splitlab's own containers run with`, 'leave it out'),
    );
  const variables = env.flatMap((variable, index) =>
    reservedEnvironment.has(variable.name)
      ? [breach(['env', index, 'name'], 'is a variable that splitlab sets', 'leave it out')]
      : [],
  );
  const mounts = volumeMounts.flatMap(({ mountPath }, index) =>
    coversOurs(String(mountPath))
      ? [breach(['volumeMounts', index, 'mountPath'], 'covers a folder of splitlab', 'mount it below /mnt or /data')]
      : [],
  );
  const amounts =
    name === workerContainer
      ? (['limits', 'requests'] as const)
          .filter((member) => resources?.[member] !== undefined)
          .map((member) =>
            breach(['resources', member], 'is written beside the template', "write the side's field resources"),
          )
      : [];
  return [...fixed, ...security, ...variables, ...mounts, ...amounts];
}

function isOurs(field: string, value: unknown): boolean {
  if (field === 'capabilities') {
    return isPlainObject(value) && !(Array.isArray(value.add) && value.add.length > 0);
  }
  const same: Readonly<Record<string, unknown>> = {
    ...containerSecurity,
    runAsNonRoot: true,
    runAsUser: workerUser,
    runAsGroup: workerUser,
    privileged: false,
  };
  return same[field] === value;
}

/** Whether a mount would hide a folder of ours, or lie in one. The kubelet takes a path without a slash from the root. */
function coversOurs(mountPath: string): boolean {
  const path = `${posix.resolve('/', mountPath)}/`.replace('//', '/');
  return ourFolders.some((folder) => `${folder}/`.startsWith(path) || path.startsWith(`${folder}/`));
}

/** Containers of both lists share their names. */
function namesakes({ containers = [], initContainers = [] }: PodTemplate): readonly Breach[] {
  const names = new Set(containers.map(({ name }) => name));
  return initContainers.flatMap(({ name }, index) =>
    names.has(name) && name !== workerContainer && name !== linkContainer
      ? [
          {
            path: ['spec', 'initContainers', index, 'name'],
            message: 'is also a name under containers',
            remedy: 'give each container a name of its own',
          },
        ]
      : [],
  );
}
