/** Why a field of a pod template is not taken, and what to do instead. */
export interface Refusal {
  readonly message: string;
  readonly remedy: string;
}

const leaveOut = 'leave the field out';
const refused = (message: string, remedy: string = leaveOut): Refusal => ({ message, remedy });
const weakens = refused('would weaken the Restricted pod security that workers run under');
const ours = (what: string) => refused(`is set by splitlab: ${what}`);
const noToken = refused(
  'is for pods that speak to the API server, which no worker does',
  'leave the field out; credentials of other services come from a Secret, by env or volumes',
);

const pod: Readonly<Record<string, Refusal>> = {
  hostNetwork: weakens,
  hostPID: weakens,
  hostIPC: weakens,
  shareProcessNamespace: weakens,
  serviceAccountName: noToken,
  serviceAccount: noToken,
  automountServiceAccountToken: noToken,
  enableServiceLinks: ours('no variables of services in the environment'),
  restartPolicy: ours('a worker that ends is replaced by another pod'),
  terminationGracePeriodSeconds: ours('as long as a worker needs to give its visit back'),
  nodeName: refused(
    'goes past the scheduler, which then counts neither cores nor GPUs',
    'write nodeSelector: {kubernetes.io/hostname: NAME}',
  ),
  activeDeadlineSeconds: refused('would end one pod', 'write spec.activeDeadlineSeconds of the experiment'),
  resources: refused('would be of the whole pod', "write the side's field resources, beside template"),
  ephemeralContainers: refused('is for debugging a pod that runs', 'use kubectl debug'),
  hostname: ours('the name of the pod'),
  subdomain: refused('is for pods that serve others, which no worker does'),
  setHostnameAsFQDN: refused('is for pods that serve others, which no worker does'),
  readinessGates: refused('would wait for a condition that nobody sets'),
  schedulingGates: refused('would keep the pod waiting', 'write suspend: true to hold the experiment'),
  os: ours('workers run on Linux'),
  overhead: refused('comes from the RuntimeClass', 'write runtimeClassName'),
  priority: refused('comes from the PriorityClass', 'write priorityClassName'),
};

const podSecurityContext: Readonly<Record<string, Refusal>> = {
  runAsUser: ours('user 65532'),
  runAsGroup: ours('group 65532; fsGroup and supplementalGroups may be chosen'),
  runAsNonRoot: weakens,
  seccompProfile: weakens,
  seLinuxOptions: weakens,
  appArmorProfile: weakens,
  sysctls: weakens,
  windowsOptions: weakens,
};

const container: Readonly<Record<string, Refusal>> = {
  stdin: refused('waits for somebody to attach'),
  stdinOnce: refused('waits for somebody to attach'),
  tty: refused('waits for somebody to attach'),
  volumeDevices: refused('would hand the pod a raw device', 'mount the claim as a file system: volumeMounts'),
  resizePolicy: refused('would change resources in the middle of a measurement'),
  restartPolicyRules: refused('would start a worker again that the operator replaces'),
  hostPort: weakens,
  hostIP: weakens,
};

const containerSecurityContext: Readonly<Record<string, Refusal>> = {
  privileged: weakens,
  allowPrivilegeEscalation: weakens,
  add: refused('adds a capability', 'leave add out: the Restricted level allows NET_BIND_SERVICE alone'),
  runAsNonRoot: weakens,
  runAsUser: weakens,
  runAsGroup: weakens,
  procMount: weakens,
  seccompProfile: weakens,
  seLinuxOptions: weakens,
  appArmorProfile: weakens,
  windowsOptions: weakens,
};

const useMembers =
  'write one of configMap, secret, emptyDir, persistentVolumeClaim, projected, downwardAPI, csi, ephemeral, image';
const volume: Readonly<Record<string, Refusal>> = {
  hostPath: refused('would give the pod files of the node, which Restricted pod security forbids', useMembers),
};

const metadata: Readonly<Record<string, Refusal>> = {
  name: ours('experiment, lane, side and attempt'),
  generateName: ours('experiment, lane, side and attempt'),
  namespace: ours("the experiment's"),
  ownerReferences: ours('the experiment'),
  finalizers: refused('would keep the pod from going'),
};

/** By the place of the object that the field stands in, indices as `[*]`; both lists of containers are `containers`. */
const table: Readonly<Record<string, Readonly<Record<string, Refusal>>>> = {
  metadata,
  spec: pod,
  'spec.securityContext': podSecurityContext,
  'spec.containers[*]': container,
  'spec.containers[*].ports[*]': container,
  'spec.containers[*].securityContext': containerSecurityContext,
  'spec.containers[*].securityContext.capabilities': containerSecurityContext,
  'spec.volumes[*]': volume,
};

/** What is said of a field in particular; undefined where there is nothing but its form. */
export function refusalAt(parent: readonly (string | number)[], field: string): Refusal | undefined {
  const place = parent
    .map((step) => (typeof step === 'number' ? '[*]' : step === 'initContainers' ? '.containers' : `.${step}`))
    .join('')
    .replace(/^\./, '');
  const fields = Object.hasOwn(table, place) ? table[place] : undefined;
  return fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined;
}
