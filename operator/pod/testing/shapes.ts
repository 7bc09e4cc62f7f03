import { shapedLink } from './inputs.ts';

const sha256 = '0'.repeat(64);
const link = [shapedLink];

/** A template that uses all that one may hold. */
export const largeTemplate = {
  metadata: { labels: { team: 'vision' }, annotations: { 'example.com/note': 'cold room' } },
  spec: {
    nodeSelector: { 'kubernetes.io/hostname': 'node-1' },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['arm64'] }] }],
        },
      },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 7, podAffinityTerm: { topologyKey: 'zone', labelSelector: { matchLabels: { noisy: 'yes' } } } },
        ],
      },
    },
    tolerations: [{ key: 'lab', operator: 'Exists' }],
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
    schedulerName: 'default-scheduler',
    imagePullSecrets: [{ name: 'registry' }],
    dnsPolicy: 'ClusterFirst',
    dnsConfig: { options: [{ name: 'ndots', value: '1' }] },
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['sensor'] }],
    securityContext: { fsGroup: 2000, supplementalGroups: [3000], runAsNonRoot: true },
    hostNetwork: false,
    restartPolicy: 'Never',
    volumes: [
      { name: 'extra', configMap: { name: 'extra' } },
      { name: 'token', secret: { secretName: 'token' } },
      { name: 'scratch', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
      { name: 'images', persistentVolumeClaim: { claimName: 'images', readOnly: true } },
      { name: 'all', projected: { sources: [{ configMap: { name: 'extra' } }, { secret: { name: 'token' } }] } },
      { name: 'about', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      { name: 'artifact', image: { reference: 'registry.example/data:1' } },
    ],
    containers: [
      {
        name: 'worker',
        imagePullPolicy: 'Always',
        env: [{ name: 'SPLITLAB_LOG_LEVEL', value: 'debug' }],
        envFrom: [{ secretRef: { name: 'token', optional: true } }],
        volumeMounts: [{ name: 'scratch', mountPath: '/data/scratch' }],
        securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
      },
      { name: 'power-meter', image: 'registry.example/power-meter:3', ports: [{ containerPort: 9100 }] },
    ],
    initContainers: [
      { name: 'link', resources: { limits: { cpu: '2' } } },
      {
        name: 'warm-cache',
        image: 'registry.example/fetch:1',
        volumeMounts: [{ name: 'splitlab-cache', mountPath: '/cache' }],
        securityContext: { readOnlyRootFilesystem: true, runAsUser: 1000, capabilities: { add: ['NET_BIND_SERVICE'] } },
      },
    ],
  },
};

/** Specs whose pods differ in shape, by what is special about them. */
export const shapes: Readonly<Record<string, object>> = {
  'the shortest manifest': {},
  'a shaped link': { links: link },
  'a large batch as JSON': { batchSizes: [1, 64], codecs: [{ type: 'Json' }], model: { zoo: 'VGG16' } },
  'a GPU on the remote side': { remote: { executionProvider: 'CUDA' } },
  'TensorRT on part of a GPU': {
    remote: { executionProvider: 'TensorRT', resources: { limits: { 'nvidia.com/mig-1g.5gb': 1 } } },
  },
  'several GPUs': { remote: { executionProvider: 'CUDA', device: 1, resources: { limits: { 'nvidia.com/gpu': 2 } } } },
  'another runtime class': {
    local: { template: { spec: { runtimeClassName: 'kata' } } },
    remote: { executionProvider: 'CUDA', template: { spec: { runtimeClassName: 'nvidia' } } },
  },
  'a GPU by a claim': {
    remote: {
      executionProvider: 'CUDA',
      template: {
        spec: {
          resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'one-gpu' }],
          containers: [{ name: 'worker', resources: { claims: [{ name: 'gpu' }] } }],
        },
      },
    },
  },
  'an image of the user': {
    local: {
      executionProvider: 'WebGPU',
      template: { spec: { containers: [{ name: 'worker', image: 'registry.example/webgpu:1' }] } },
    },
  },
  'a model by URL with headers': {
    model: { http: { url: 'https://h/m.onnx', sha256, headersSecretRef: { name: 'token' } } },
  },
  'a model in a claim': { model: { persistentVolumeClaim: { claimName: 'models', path: 'm.onnx' } } },
  'one claim for model, input and cache': {
    model: { persistentVolumeClaim: { claimName: 'data', path: 'm.onnx' } },
    input: { persistentVolumeClaim: { claimName: 'data', path: 'photos' } },
    cache: { persistentVolumeClaim: { claimName: 'data' } },
  },
  'a model in an OCI image': { model: { image: { reference: 'registry.example/models/net:1', path: 'm.onnx' } } },
  'traces of a config map and a claim': {
    links: [
      {
        name: 'drive',
        type: 'Trace',
        trace: {
          format: 'Csv',
          uplink: { configMapKeyRef: { name: 'traces', key: 'up.csv' } },
          downlink: { persistentVolumeClaim: { claimName: 'traces', path: 'down.csv' } },
        },
      },
    ],
  },
  'telemetry with headers and a certificate': {
    telemetry: {
      endpoint: 'https://otlp.example:4318',
      headersSecretRef: { name: 'otlp' },
      caConfigMapRef: { name: 'ca', key: 'ca.crt' },
    },
  },
  'small amounts': { links: link, local: { resources: { limits: { cpu: '500m', memory: '256Mi' } } } },
  'requests alone': { local: { resources: { requests: { cpu: '500m', memory: 268435456 } } } },
  'a large template': { links: link, local: { template: largeTemplate } },
};
