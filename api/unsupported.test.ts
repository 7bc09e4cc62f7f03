import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Manifest } from './manifest/manifest.ts';
import { parseManifest } from './manifest/parse.ts';
import { findIneffective, findUnsupported, type RunContext } from './unsupported.ts';

const here: RunContext = { cluster: false, binds: new Set() };
const cluster: RunContext = { cluster: true, binds: new Set() };
const fluid =
  '{name: a, type: Profile, profile: {transport: Fluid, uplink: {bandwidth: 1M, delay: 1ms}, downlink: {bandwidth: 1M, delay: 1ms}}}';
const tcp = fluid.replace('transport: Fluid, ', '');
const rough = fluid.replaceAll('delay: 1ms', 'delay: 1ms, jitter: 1ms, jitterCorrelation: 1ms, loss: {percent: "1"}');
const trace = '{name: t, type: Trace, trace: {format: Csv, uplink: {builtin: a}, downlink: {builtin: b}}}';
const claim = '{persistentVolumeClaim: {claimName: c, path: m.onnx}}';
const download = `{http: {url: "http://a/m.onnx", sha256: ${'a'.repeat(64)}}}`;

function manifest(spec: string): Manifest {
  const text = `{apiVersion: splitlab.dev/v1alpha1, kind: SplitExperiment, metadata: {name: a}, spec: {${spec}}}`;
  const result = parseManifest(text, 'test');
  assert.ok(result.ok, JSON.stringify(result));
  return result.manifest;
}

const zoo = 'model: {zoo: VGG16}';
const refused = (spec: string, context = here) => findUnsupported(manifest(spec), context).map(({ path }) => path);
const warned = (spec: string, context = here) => findIneffective(manifest(spec), context).map(({ path }) => path);

test('what is built is not refused', () => {
  const whole = `${zoo}, links: [${fluid}, {name: n, type: None}], transfer: Pipelined, objectives: [LocalEnergy, Accuracy]`;
  assert.deepEqual(refused(whole), []);
  assert.deepEqual(warned(whole), []);
});

const cases: readonly (readonly [string, readonly string[]])[] = [
  [`${zoo}, links: [{name: a, type: Preset, preset: WiFi}]`, ['spec.links[0].type']],
  [`${zoo}, links: [{name: n, type: None}, ${trace}]`, ['spec.links[1].type']],
  [`${zoo}, links: [${tcp}]`, ['spec.links[0].profile.transport']],
  [
    `${zoo}, links: [${rough}]`,
    ['uplink', 'downlink'].flatMap((way) =>
      ['jitter', 'jitterCorrelation', 'loss'].map((member) => `spec.links[0].profile.${way}.${member}`),
    ),
  ],
  [`${zoo}, measurement: {mode: Server, server: {queriesPerSecond: "5"}}`, ['spec.measurement.mode']],
  [`${zoo}, measurement: {mode: Periodic, periodic: {framesPerSecond: "5"}}`, ['spec.measurement.mode']],
  [`${zoo}, measurement: {mode: Offline}`, ['spec.measurement.mode']],
  [`${zoo}, measurement: {duration: 30s}`, ['spec.measurement.duration']],
  [`${zoo}, measurement: {until: {relativeErrorPercent: "3"}}`, ['spec.measurement.until']],
];

for (const [spec, paths] of cases) {
  test(`refused here and in a cluster: ${paths.join(', ')}`, () => {
    assert.deepEqual(refused(spec), paths);
    assert.deepEqual(refused(spec, cluster), paths);
  });
}

const localCases: readonly (readonly [string, string])[] = [
  ['lanes: 2', 'spec.lanes'],
  ['suspend: true', 'spec.suspend'],
  ['activeDeadlineSeconds: 60', 'spec.activeDeadlineSeconds'],
  ['telemetry: {endpoint: "http://a:4318", headersSecretRef: {name: s}}', 'spec.telemetry.headersSecretRef'],
  ['telemetry: {endpoint: "http://a:4318", caConfigMapRef: {name: s, key: k}}', 'spec.telemetry.caConfigMapRef'],
];

for (const [spec, path] of localCases) {
  test(`refused outside a cluster: ${path}`, () => {
    assert.deepEqual(refused(`${zoo}, ${spec}`), [path]);
    assert.deepEqual(refused(`${zoo}, ${spec}`, cluster), []);
  });
}

test('a claim is known where --bind names it; a file where there is no cluster', () => {
  const spec = `model: ${claim}, input: ${claim}`;
  assert.deepEqual(refused(spec), ['spec.model.persistentVolumeClaim', 'spec.input.persistentVolumeClaim']);
  assert.deepEqual(refused(spec, { cluster: false, binds: new Set(['pvc/c']) }), []);
  assert.deepEqual(refused(spec, { cluster: false, binds: new Set(['configmap/c', 'pvc/d']) }).length, 2);
  assert.deepEqual(refused(spec, cluster), []);
  assert.deepEqual(refused('model: {file: m.onnx}, input: {file: a.jpg}'), []);
  assert.deepEqual(refused('model: {file: m.onnx}, input: {file: a.jpg}', cluster), [
    'spec.model.file',
    'spec.input.file',
  ]);
});

test('what telemetry refers to is known where --bind names it', () => {
  const spec = `${zoo}, telemetry: {endpoint: "http://a:4318", headersSecretRef: {name: s}, caConfigMapRef: {name: c, key: k}}`;
  assert.deepEqual(refused(spec, { cluster: false, binds: new Set(['secret/s', 'configmap/c']) }), []);
  assert.equal(refused(spec, { cluster: false, binds: new Set(['configmap/s', 'secret/c']) }).length, 2);
});

test('what is on the web is fetched here and in a cluster; its Secret is known where --bind names it', () => {
  const secret = download.replace('}}', ', headersSecretRef: {name: token}}}');
  const image = 'model: {image: {reference: r, path: m.onnx}}';
  assert.deepEqual(refused(`model: ${download}, input: ${download}`), []);
  assert.deepEqual(refused(`model: ${download}, input: ${download}`, cluster), []);
  assert.deepEqual(refused(`model: ${secret}`), ['spec.model.http.headersSecretRef']);
  assert.deepEqual(refused(`model: ${secret}`, { cluster: false, binds: new Set(['secret/token']) }), []);
  assert.deepEqual(refused(`model: ${secret}`, cluster), []);
  assert.deepEqual([refused(image), refused(image, cluster)], [['spec.model.image'], []]);
});

test('what has no effect outside a cluster is said', () => {
  const spec = `${zoo}, cache: {persistentVolumeClaim: {claimName: c}}, results: {deletionPolicy: Retain}, ttlSecondsAfterFinished: 5, local: {resources: {limits: {cpu: 1}}}, remote: {template: {spec: {}}}`;
  assert.deepEqual(warned(spec), [
    'spec.cache',
    'spec.results.deletionPolicy',
    'spec.ttlSecondsAfterFinished',
    'spec.local.resources',
    'spec.remote.template',
  ]);
  assert.deepEqual(warned(spec, cluster), []);
  assert.deepEqual(refused(spec), []);
});

test('a refusal says what to write instead', () => {
  const [problem] = findUnsupported(manifest(`${zoo}, links: [${tcp}]`), here);
  assert.deepEqual(problem, {
    path: 'spec.links[0].profile.transport',
    value: 'Tcp',
    message: '(the default) is not built yet',
    remedy: 'write transport: Fluid, which models rate and delay alone',
  });
});
