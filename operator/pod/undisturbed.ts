/**
 * Labels and annotations that keep others away from a measurement. A proxy of a service mesh would stand in the data
 * connection and on the worker's cores; an autoscaler would move the pod to another machine.
 */
export const undisturbed = {
  labels: {
    'sidecar.istio.io/inject': 'false',
    'istio.io/dataplane-mode': 'none',
    'kuma.io/sidecar-injection': 'disabled',
  },
  annotations: {
    'sidecar.istio.io/inject': 'false',
    'linkerd.io/inject': 'disabled',
    'consul.hashicorp.com/connect-inject': 'false',
    'kuma.io/sidecar-injection': 'disabled',
    'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
    'karpenter.sh/do-not-disrupt': 'true',
  },
} as const;
