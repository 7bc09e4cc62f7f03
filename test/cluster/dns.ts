import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { controlPlaneAddress, dnsService } from './addresses.ts';
import type { ControlPlaneNetwork, PlaneInNetwork } from './control-plane.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { type ClusterProcess, startProcess } from './process.ts';
import { coredns } from './programs/components.ts';

const readyPort = 8181;

/**
 * Starts CoreDNS beside the API server, and makes the Service by which pods find it. It is no pod, so that names
 * resolve whichever node is killed.
 */
export async function startDns(plane: PlaneInNetwork, network: ControlPlaneNetwork): Promise<ClusterProcess> {
  const { authority, folder, innerServer } = plane;
  const certificate = await authority.issue({ name: 'coredns', commonName: 'coredns' });
  const kubeconfig = join(folder, 'coredns.kubeconfig');
  await writeKubeconfig(kubeconfig, innerServer, authority.pem, { certificate });
  await writeFile(join(folder, 'Corefile'), corefile(kubeconfig));
  await plane.kubectl(['create', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  const dns = await startProcess({
    name: 'coredns',
    file: await coredns(),
    args: ['-conf', join(folder, 'Corefile')],
    logFile: join(folder, 'coredns.log'),
    through: network.through,
  });
  const readiness = `http://127.0.0.1:${await network.reach(readyPort)}/ready`;
  await dns.until(async () => (await fetch(readiness).catch(() => null))?.ok === true);
  return dns;
}

function corefile(kubeconfig: string): string {
  return `.:53 {
  errors
  ready :${readyPort}
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfig}
    ttl 1
  }
}
`;
}

const metadata = { name: 'kube-dns', namespace: 'kube-system' };
const ports = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
];
const readers = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'splitlab:dns' };

const objects = [
  { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: dnsService, ports } },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': metadata.name } },
    addressType: 'IPv4',
    ports,
    endpoints: [{ addresses: [controlPlaneAddress] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: readers.name },
    rules: [
      { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: readers.name },
    roleRef: readers,
    subjects: [{ kind: 'User', name: 'coredns' }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'splitlab:kube-proxy' },
    roleRef: { ...readers, name: 'system:node-proxier' },
    subjects: [{ kind: 'User', name: 'kube-proxy' }],
  },
];
