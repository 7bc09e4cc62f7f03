import fc from 'fast-check';
import { shapedLink } from './inputs.ts';
import { largeTemplate, shapes } from './shapes.ts';

type Json = Readonly<Record<string, unknown>>;

const amounts = fc.record(
  {
    cpu: fc.constantFrom<unknown>('250m', '1', 2, '3.5'),
    memory: fc.constantFrom<unknown>('512Mi', '1Gi', 268435456),
    'ephemeral-storage': fc.constantFrom<unknown>('1Gi', '2G'),
    'nvidia.com/gpu': fc.constantFrom<unknown>(1, '2'),
  },
  { requiredKeys: [] },
);
const resources = fc.record({ limits: amounts, requests: amounts }, { requiredKeys: [] });

const side = fc.record(
  {
    executionProvider: fc.constantFrom('CPU', 'CUDA', 'TensorRT'),
    threads: fc.integer({ min: 1, max: 64 }),
    device: fc.nat({ max: 1 }),
    resources,
  },
  { requiredKeys: [] },
);

/** Specs that combine the shapes at random with workers of all kinds, without templates. */
export function specs(): fc.Arbitrary<Json> {
  return fc
    .record({
      one: fc.constantFrom(...Object.values(shapes)),
      other: fc.constantFrom(...Object.values(shapes)),
      local: side,
      remote: side,
      batchSizes: fc.uniqueArray(fc.integer({ min: 1, max: 4096 }), { minLength: 1, maxLength: 3 }),
    })
    .map(({ one, other, ...rest }) => ({ ...one, ...other, ...rest }));
}

/** Specs of which one side has a template that may be hostile. */
export function templatedSpecs(): fc.Arbitrary<{ readonly side: 'local' | 'remote'; readonly spec: Json }> {
  return fc
    .record({
      shape: fc.constantFrom(...Object.values(shapes)),
      side: fc.constantFrom('local' as const, 'remote' as const),
      executionProvider: fc.constantFrom('CPU', 'CUDA'),
      template: templates(),
    })
    .map(({ shape, side, ...worker }) => {
      const rest: Json = { ...shape, links: [shapedLink], local: {}, remote: {} };
      return { side, spec: { ...rest, [side]: worker } };
    });
}

/** What an ignorant or a hostile user may write, anywhere in a template. */
const values: readonly unknown[] = [
  true,
  false,
  null,
  0,
  1,
  65532,
  'Always',
  'Never',
  'root',
  '/',
  '10.0.0.1',
  ['ALL'],
  ['SYS_ADMIN'],
  [],
  {},
  { type: 'Unconfined' },
  { add: ['NET_ADMIN'] },
  { drop: [] },
  { path: '/' },
  { host: '10.0.0.1', port: 80 },
  { httpGet: { host: '10.0.0.1', port: 80 } },
  { preStop: { tcpSocket: { host: '10.0.0.1', port: 80 } } },
  [{ name: 'kernel.msgmax', value: '1' }],
  [{ name: 'node', hostPath: { path: '/' } }],
  [{ name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
  [{ name: 'guest', image: 'guest:1', securityContext: { privileged: true } }],
  [{ name: 'guest', image: 'guest:1' }],
  [{ containerPort: 80, hostPort: 80 }],
  [{ name: 'NODE_OPTIONS', value: '--inspect=0.0.0.0' }],
  [{ name: 'SPLITLAB_LANE', value: '7' }],
  [{ name: 'splitlab-config', mountPath: '/steal' }],
  [{ name: 'extra', mountPath: '/etc' }],
];

const podFields =
  'hostNetwork hostPID hostIPC hostUsers shareProcessNamespace serviceAccountName serviceAccount automountServiceAccountToken enableServiceLinks restartPolicy nodeName hostname os volumes containers initContainers ephemeralContainers securityContext tolerations resources'.split(
    ' ',
  );
const securityFields =
  'privileged allowPrivilegeEscalation runAsNonRoot runAsUser runAsGroup readOnlyRootFilesystem procMount seccompProfile seLinuxOptions appArmorProfile capabilities windowsOptions sysctls fsGroup supplementalGroups'.split(
    ' ',
  );
const containerFields =
  'name image command args ports env volumeMounts volumeDevices resources livenessProbe startupProbe readinessProbe lifecycle restartPolicy securityContext stdin'.split(
    ' ',
  );

const containerPlaces = ['containers.0', 'containers.1', 'initContainers.0', 'initContainers.1'];
const places = [
  ...podFields.map((field) => `spec.${field}`),
  ...securityFields.map((field) => `spec.securityContext.${field}`),
  ...containerPlaces.flatMap((place) => [
    ...containerFields.map((field) => `spec.${place}.${field}`),
    ...securityFields.map((field) => `spec.${place}.securityContext.${field}`),
    `spec.${place}.securityContext.capabilities.add`,
    `spec.${place}.securityContext.capabilities.drop`,
  ]),
  ...['hostPath', 'configMap', 'nfs', 'name'].map((field) => `spec.volumes.0.${field}`),
  ...['labels', 'annotations', 'ownerReferences', 'name'].map((field) => `metadata.${field}`),
];

const guests = {
  spec: {
    containers: [{ name: 'worker' }, { name: 'guest', image: 'guest:1' }],
    initContainers: [
      { name: 'second', image: 'second:1' },
      { name: 'first', image: 'first:1' },
    ],
    volumes: [{ name: 'extra', emptyDir: {} }],
  },
};

/** Templates, harmless ones with up to three values put where they may not belong. */
export function templates(): fc.Arbitrary<unknown> {
  const change = fc.record({ place: fc.constantFrom(...places), value: fc.constantFrom(...values) });
  return fc
    .record({ base: fc.constantFrom<unknown>({}, guests, largeTemplate), changes: fc.array(change, { maxLength: 3 }) })
    .map(({ base, changes }) => {
      const template: unknown = structuredClone(base);
      for (const { place, value } of changes) put(template, place.split('.'), value);
      return template;
    });
}

function put(target: unknown, [step = '', ...rest]: readonly string[], value: unknown): void {
  if (typeof target !== 'object' || target === null) return;
  if (rest.length === 0) {
    Reflect.set(target, step, structuredClone(value));
    return;
  }
  const next: unknown = Reflect.get(target, step);
  if (typeof next !== 'object' || next === null) Reflect.set(target, step, {});
  put(Reflect.get(target, step), rest, value);
}
