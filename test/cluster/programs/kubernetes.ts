import { access, constants, rename, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cached, cachedFolder } from '../../../cli/programs/cached.ts';
import { go } from '../../../cli/programs/go.ts';

/** The version that is built when the programs are not at hand; `components/kubernetes/go.mod` names it too. */
export const kubernetesVersion = '1.35.4';

const source = join(import.meta.dirname, '..', 'components', 'kubernetes');
const built = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
] as const;

export type KubernetesProgram = (typeof built)[number];

/**
 * Paths of programs of Kubernetes: those in the folder that `KUBEBUILDER_ASSETS` names, else the ones in the cache
 * folder, else those on PATH; if one is nowhere, all are built into the cache folder (5 to 9 minutes of two cores, once).
 * Throws `ProgramMissing` where that cannot be.
 */
export async function findPrograms<Name extends KubernetesProgram>(
  names: readonly Name[],
): Promise<Readonly<Record<Name, string>>> {
  const assets = process.env.KUBEBUILDER_ASSETS;
  const cache = cachedFolder(folderName);
  const path = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const found = await Promise.all(names.map((name) => firstWith(name, [...(assets ? [assets] : []), cache, ...path])));
  if (found.includes(null)) {
    // What was built goes together: it is taken before what PATH has of it.
    await buildKubernetes();
    return findPrograms(names);
  }
  const entries = names.map((name, index) => [name, found[index]]);
  return Object.fromEntries(entries);
}

const folderName = `kubernetes-v${kubernetesVersion}`;

async function buildKubernetes(): Promise<void> {
  await cached({
    name: folderName,
    announce: `building Kubernetes ${kubernetesVersion} from its Go modules (5 to 9 minutes, once)`,
    async make(into, scratch) {
      const draft = join(scratch, 'kubernetes');
      // Unoptimised code builds in two thirds of the time, and is fast enough for a test.
      const args = [
        'build',
        '-trimpath',
        '-gcflags=all=-N -l',
        `-ldflags=-s -w ${stamps.map((stamp) => `-X ${stamp}`).join(' ')}`,
      ];
      await go('Kubernetes', [...args, '-o', draft, '.'], source, scratch);
      await rename(draft, join(into, 'kubernetes'));
      await Promise.all(built.map((name) => symlink('kubernetes', join(into, name))));
    },
  });
}

const [major, minor] = kubernetesVersion.split('.');
const versions = 'k8s.io/component-base/version';
// What the upstream build stamps into its programs.
const stamps = [
  `${versions}.gitVersion=v${kubernetesVersion}`,
  `${versions}.gitMajor=${major}`,
  `${versions}.gitMinor=${minor}`,
  `${versions}.gitTreeState=clean`,
  `${versions}.buildDate=1970-01-01T00:00:00Z`,
  `k8s.io/client-go/pkg/version.gitVersion=v${kubernetesVersion}`,
];

async function firstWith(name: string, folders: readonly string[]): Promise<string | null> {
  for (const folder of folders) {
    const path = join(folder, name);
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return null;
}
