/** A pod with what a scheduled, running pod of a node carries; about 4 kB of JSON. */
export function realisticPod(index: number, version: number) {
  const name = `experiment-${index}-local-0`;
  const container = (which: string) => ({
    name: which,
    image: 'registry.example/splitlab/worker-cpu:v1.0.0',
    args: [`worker/${which}/main.ts`, '/etc/splitlab/config.json'],
    env: ['LANE', 'POD_ATTEMPT', 'CACHE', 'HEALTH_PORT', 'TERMINATION_LOG'].map((key) => ({
      name: `SPLITLAB_${key}`,
      value: '0',
    })),
    resources: { limits: { cpu: '2', memory: '2Gi' }, requests: { cpu: '2', memory: '2Gi' } },
    volumeMounts: ['/etc/splitlab', '/cache', '/tmp'].map((mountPath, i) => ({ name: `volume-${i}`, mountPath })),
    securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  });
  const time = '2026-01-01T00:00:00Z';
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      namespace: `team-${index % 20}`,
      uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      resourceVersion: String(version),
      creationTimestamp: time,
      labels: {
        'app.kubernetes.io/managed-by': 'splitlab',
        'splitlab.dev/experiment-uid': `uid-${index}`,
        'splitlab.dev/lane': '0',
      },
      ownerReferences: [
        {
          apiVersion: 'splitlab.dev/v1alpha1',
          kind: 'SplitExperiment',
          name: `experiment-${index}`,
          uid: `uid-${index}`,
          controller: true,
        },
      ],
      managedFields: ['splitlab-operator', 'kubelet', 'kube-scheduler'].map((manager) => ({
        manager,
        operation: 'Apply',
        apiVersion: 'v1',
        time,
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:containers': { 'k:{"name":"worker"}': { '.': {}, 'f:args': {}, 'f:env': {}, 'f:image': {} } },
          },
        },
      })),
    },
    spec: {
      containers: [container('worker')],
      initContainers: [container('link')],
      nodeName: `node-${index % 50}`,
      restartPolicy: 'Never',
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
      volumes: ['config', 'cache', 'tmp'].map((volume) => ({ name: volume, emptyDir: {} })),
    },
    status: {
      phase: 'Running',
      podIP: '10.244.1.7',
      startTime: time,
      qosClass: 'Guaranteed',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: time,
      })),
      containerStatuses: [
        {
          name: 'worker',
          ready: true,
          restartCount: 0,
          state: { running: { startedAt: time } },
          imageID: 'sha256:0123456789abcdef',
          containerID: `containerd://${index}`,
        },
      ],
    },
  };
}
