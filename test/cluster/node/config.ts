import { podRange as allPods } from '../addresses.ts';

/** What a node's services read; paths are those inside the node, where `/node` is its folder. */
export interface NodeConfig {
  readonly name: string;
  readonly address: string;
  readonly podRange: string;
}

export const pauseImage = 'splitlab.dev/pause:1';

/** Written for containerd 1.6 and 1.7. */
export function containerdToml(): string {
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Where CAP_SYS_RESOURCE is missing, lowering a score is refused and the container with it.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
`;
}

/** Pods on one bridge per node; no address is ever translated, so that pods are seen as who they are. */
export function cniConfig({ podRange }: NodeConfig): unknown {
  const ipam = { type: 'host-local', ranges: [[{ subnet: podRange }]], routes: [{ dst: '0.0.0.0/0' }] };
  const plugin = { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: false, hairpinMode: true, ipam };
  return { cniVersion: '1.0.0', name: 'pods', plugins: [plugin] };
}

export function kubeletConfig(clusterDns: string): unknown {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    makeIPTablesUtilChains: false,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: '/node/ca.crt' },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: '/node/kubelet.crt',
    tlsPrivateKeyFile: '/node/kubelet.key',
    clusterDomain: 'cluster.local',
    clusterDNS: [clusterDns],
    resolvConf: '/etc/resolv.conf',
    // The machine's memory and disk are everybody's here: pods are evicted only when it is nearly too late.
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
      'nodefs.inodesFree': '1%',
    },
    // Images come from no registry: one that is collected is lost.
    imageGCHighThresholdPercent: 100,
    imageMinimumGCAge: '1000h',
    nodeStatusUpdateFrequency: '5s',
    enforceNodeAllocatable: ['pods'],
  };
}

export function kubeProxyConfig({ name, address }: NodeConfig): unknown {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: name,
    bindAddress: address,
    clusterCIDR: allPods,
    clientConnection: { kubeconfig: '/node/kube-proxy.kubeconfig' },
    // Kernel settings that are the whole machine's.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    nftables: { minSyncPeriod: '0s' },
  };
}
