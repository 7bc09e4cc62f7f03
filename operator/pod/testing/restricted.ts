import type { V1Container, V1Pod, V1Probe } from '@kubernetes/client-node';
import type { Wire } from '../../runtime/wire.ts';

/**
 * What the Baseline and Restricted levels of the Pod Security Standards forbid in this pod, read off the standard
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards) and not off our code; Linux pods.
 */
export function restrictedViolations({ metadata, spec }: Wire<V1Pod>): readonly string[] {
  if (!spec) return ['no spec'];
  const found: string[] = [];
  const forbid = (when: boolean | undefined, what: string) => {
    if (when) found.push(what);
  };
  forbid(spec.hostNetwork || spec.hostPID || spec.hostIPC, 'host namespaces');
  forbid(spec.hostUsers === false && spec.hostNetwork, 'host network of a user namespace');
  forbid((spec.securityContext?.sysctls ?? []).length > 0, 'sysctls');
  forbid(spec.securityContext?.windowsOptions?.hostProcess, 'host process');
  for (const name of Object.keys(metadata?.annotations ?? {})) {
    forbid(name.startsWith('container.apparmor.security.beta.kubernetes.io/'), `annotation ${name}`);
  }
  for (const volume of spec.volumes ?? []) {
    const kinds = Object.keys(volume).filter((key) => key !== 'name');
    forbid(kinds.length !== 1 || !kinds.every((kind) => allowedVolumes.has(kind)), `volume ${volume.name}: ${kinds}`);
  }
  for (const container of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]) {
    for (const what of containerViolations(container, spec)) found.push(`${container.name}: ${what}`);
  }
  return found;
}

const allowedVolumes = new Set(
  'configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret image'.split(' '),
);
const allowedSeccomp = ['RuntimeDefault', 'Localhost'];

function containerViolations(container: Wire<V1Container>, pod: NonNullable<Wire<V1Pod>['spec']>): readonly string[] {
  const own = container.securityContext ?? {};
  const shared = pod.securityContext ?? {};
  const user = own.runAsUser ?? shared.runAsUser;
  const calls = [container.livenessProbe, container.readinessProbe, container.startupProbe].flatMap(hostsOf);
  const hooks = [container.lifecycle?.postStart, container.lifecycle?.preStop].flatMap(hostsOf);
  const rules: Readonly<Record<string, boolean | undefined>> = {
    privileged: own.privileged,
    'privilege escalation': own.allowPrivilegeEscalation !== false,
    'capabilities kept': !(own.capabilities?.drop ?? []).includes('ALL'),
    'capabilities added': (own.capabilities?.add ?? []).some((name) => name !== 'NET_BIND_SERVICE'),
    'may run as root': (own.runAsNonRoot ?? shared.runAsNonRoot) !== true,
    'runs as root': user === 0,
    seccomp: !allowedSeccomp.includes((own.seccompProfile ?? shared.seccompProfile)?.type ?? ''),
    proc: own.procMount !== undefined && own.procMount !== 'Default',
    'host port': (container.ports ?? []).some(({ hostPort = 0 }) => hostPort !== 0),
    'host of a probe': calls.length > 0,
    'host of a hook': hooks.length > 0,
    selinux: own.seLinuxOptions !== undefined || shared.seLinuxOptions !== undefined,
    apparmor: own.appArmorProfile !== undefined || shared.appArmorProfile !== undefined,
  };
  return Object.entries(rules).flatMap(([rule, broken]) => (broken ? [rule] : []));
}

function hostsOf(call: Pick<Wire<V1Probe>, 'httpGet' | 'tcpSocket'> | undefined): readonly string[] {
  return [call?.httpGet?.host, call?.tcpSocket?.host].flatMap((host) => (host ? [host] : []));
}
