import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../../../api/manifest/problem.ts';
import { largeTemplate } from '../testing/shapes.ts';
import { checkTemplate } from './check.ts';

const guest = { name: 'guest', image: 'guest:1' };
const inGuest = (fields: object) => ({ spec: { containers: [{ ...guest, ...fields }] } });
const inWorker = (fields: object) => ({ spec: { containers: [{ name: 'worker', ...fields }] } });
const security = (securityContext: object) => inGuest({ securityContext });
const volume = (source: object) => ({ spec: { volumes: [{ name: 'v', ...source }] } });

test('a template that uses all it may is taken', () => {
  assert.deepEqual(checkTemplate(largeTemplate, { hasLink: true }), []);
  assert.deepEqual(checkTemplate(undefined), []);
  assert.deepEqual(checkTemplate({}), []);
});

const refused: Readonly<Record<string, object>> = {
  'spec.hostNetwork': { spec: { hostNetwork: true } },
  'spec.hostPID': { spec: { hostPID: true } },
  'spec.hostIPC': { spec: { hostIPC: true } },
  'spec.shareProcessNamespace': { spec: { shareProcessNamespace: true } },
  'spec.serviceAccountName': { spec: { serviceAccountName: 'admin' } },
  'spec.automountServiceAccountToken': { spec: { automountServiceAccountToken: true } },
  'spec.enableServiceLinks': { spec: { enableServiceLinks: true } },
  'spec.restartPolicy': { spec: { restartPolicy: 'Always' } },
  'spec.nodeName': { spec: { nodeName: 'node-1' } },
  'spec.terminationGracePeriodSeconds': { spec: { terminationGracePeriodSeconds: 1 } },
  'spec.activeDeadlineSeconds': { spec: { activeDeadlineSeconds: 1 } },
  'spec.resources': { spec: { resources: { limits: { cpu: '1' } } } },
  'spec.ephemeralContainers': { spec: { ephemeralContainers: [guest] } },
  'spec.securityContext.runAsUser': { spec: { securityContext: { runAsUser: 0 } } },
  'spec.securityContext.runAsNonRoot': { spec: { securityContext: { runAsNonRoot: false } } },
  'spec.securityContext.sysctls': { spec: { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } } },
  'spec.securityContext.seccompProfile.type': { spec: { securityContext: { seccompProfile: { type: 'Unconfined' } } } },
  'spec.securityContext.appArmorProfile': { spec: { securityContext: { appArmorProfile: { type: 'Unconfined' } } } },
  'spec.containers[0].securityContext.privileged': security({ privileged: true }),
  'spec.containers[0].securityContext.allowPrivilegeEscalation': security({ allowPrivilegeEscalation: true }),
  'spec.containers[0].securityContext.runAsUser': security({ runAsUser: 0 }),
  'spec.containers[0].securityContext.capabilities.add[0]': security({ capabilities: { add: ['SYS_ADMIN'] } }),
  'spec.containers[0].securityContext.procMount': security({ procMount: 'Unmasked' }),
  'spec.containers[0].ports[0].hostPort': inGuest({ ports: [{ containerPort: 80, hostPort: 80 }] }),
  'spec.containers[0].livenessProbe.httpGet.host': inGuest({ livenessProbe: { httpGet: { port: 80, host: 'other' } } }),
  'spec.containers[0].lifecycle.preStop.httpGet.host': inGuest({
    lifecycle: { preStop: { httpGet: { port: 80, host: 'other' } } },
  }),
  'spec.containers[0].volumeDevices': inGuest({ volumeDevices: [{ name: 'v', devicePath: '/dev/sda' }] }),
  'spec.containers[0].volumeMounts[0].name': inGuest({ volumeMounts: [{ name: 'splitlab-config', mountPath: '/s' }] }),
  'spec.containers[0].image': { spec: { containers: [{ name: 'guest' }] } },
  'spec.containers[0].name': { spec: { containers: [{ name: 'link', image: 'guest:1' }] } },
  'spec.initContainers[0].name': { spec: { initContainers: [{ name: 'worker', image: 'guest:1' }] } },
  'spec.containers[0].args': inWorker({ args: ['other.ts'] }),
  'spec.containers[0].command': inWorker({ command: ['sh'] }),
  'spec.containers[0].livenessProbe': inWorker({ livenessProbe: {} }),
  'spec.containers[0].resources.limits': inWorker({ resources: { limits: { cpu: '1' } } }),
  'spec.containers[0].env[0].name': inWorker({ env: [{ name: 'SPLITLAB_LANE', value: '7' }] }),
  'spec.containers[0].volumeMounts[0].mountPath': inWorker({ volumeMounts: [{ name: 'v', mountPath: '/mnt' }] }),
  'spec.containers[0].securityContext.readOnlyRootFilesystem': inWorker({
    securityContext: { readOnlyRootFilesystem: false },
  }),
  'spec.volumes[0].hostPath': volume({ hostPath: { path: '/' } }),
  'spec.volumes[0].nfs': volume({ nfs: { server: 's', path: '/' } }),
  'spec.volumes[0]': volume({ emptyDir: {}, secret: { secretName: 's' } }),
  'spec.volumes[0].projected.sources[0].serviceAccountToken': volume({
    projected: { sources: [{ serviceAccountToken: { path: 'token' } }] },
  }),
  'spec.volumes[0].name': { spec: { volumes: [{ name: 'splitlab-tmp', emptyDir: {} }] } },
  'spec.volumes[1].name': {
    spec: {
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'v', emptyDir: {} },
      ],
    },
  },
  'metadata.namespace': { metadata: { namespace: 'other' } },
  'metadata.labels["splitlab.dev/lane"]': { metadata: { labels: { 'splitlab.dev/lane': '7' } } },
  'metadata.labels["sidecar.istio.io/inject"]': { metadata: { labels: { 'sidecar.istio.io/inject': 'true' } } },
  'metadata.annotations["linkerd.io/inject"]': { metadata: { annotations: { 'linkerd.io/inject': 'enabled' } } },
  'spec.tolerations': { spec: { tolerations: {} } },
  'spec.nodeselector': { spec: { nodeselector: {} } },
};

for (const [path, template] of Object.entries(refused)) {
  test(`refused: ${path}`, () => {
    const problems = checkTemplate(template);
    assert.deepEqual(
      problems.map((problem) => problem.path),
      [`spec.local.template.${path}`],
      problems.map(formatProblem).join('\n'),
    );
  });
}

for (const mountPath of [
  '/',
  '/tmp',
  'tmp',
  '/tmp/below',
  '/data/../cache',
  '/mnt',
  '//etc/splitlab/',
  '/app/worker',
]) {
  test(`a mount at ${mountPath} would cover a folder of ours`, () => {
    const problems = checkTemplate(inWorker({ volumeMounts: [{ name: 'v', mountPath }] }));
    assert.deepEqual(
      problems.map(({ message }) => message),
      ['covers a folder of splitlab'],
    );
  });
}

test('other mounts are taken', () => {
  for (const mountPath of ['/data', '/mnt/other', '/etc/ssl', '/temporary']) {
    assert.deepEqual(checkTemplate(inWorker({ volumeMounts: [{ name: 'v', mountPath }] })), []);
  }
});

test('a problem names the value and what to do', () => {
  const [problem] = checkTemplate({ spec: { nodeName: 'node-1' } }, { path: 'spec.remote.template' });
  assert.ok(problem);
  assert.equal(
    formatProblem(problem),
    'spec.remote.template.spec.nodeName: "node-1" goes past the scheduler, which then counts neither cores nor GPUs; write nodeSelector: {kubernetes.io/hostname: NAME}',
  );
});

test('a misspelt field gets the name that was meant', () => {
  const [problem] = checkTemplate({ spec: { nodeselector: {} } });
  assert.equal(problem?.remedy, 'did you mean nodeSelector?');
});

test('the link can be given other resources, where there is one', () => {
  const template = { spec: { initContainers: [{ name: 'link', resources: { limits: { cpu: '250m' } } }] } };
  assert.deepEqual(checkTemplate(template, { hasLink: true }), []);
  assert.deepEqual(
    checkTemplate(template, { hasLink: false }).map(({ message }) => message),
    ['is a container that this pod does not have'],
  );
});

test('what is ours anyway may be repeated', () => {
  const own = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
  const spec = { hostNetwork: false, restartPolicy: 'Never', automountServiceAccountToken: false };
  assert.deepEqual(checkTemplate({ spec: { ...spec, ...inWorker({ securityContext: own }).spec } }), []);
});
