import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { toolVersion } from '../../api/version.ts';
import { builtNatsServer } from '../../cli/nats-server/binary.ts';
import { imageReference } from '../../images/build.ts';
import { files } from '../../manifests/generate.ts';
import { parseConfig } from '../../operator/config.ts';
import { natsImage } from '../cluster/images.ts';
import { withHelm } from './helm.ts';
import { chart, parse, type Rendered, render } from './rendered.ts';

const { skip, helm } = await withHelm();
const root = join(import.meta.dirname, '../..');

test('what is generated is committed as it is generated now', { skip }, async () => {
  for (const [path, content] of Object.entries(files)) {
    // A diff of files of this size helps nobody.
    const same = (await readFile(join(root, path), 'utf8')) === (await content());
    assert.ok(same, `${path} is out of date: run node manifests/generate.ts`);
  }
});

test('the chart has no fault that helm finds, and the versions of what it installs', { skip }, async () => {
  await helm('lint', chart, '--strict');
  const { version, appVersion } = parseYaml(await readFile(join(chart, 'Chart.yaml'), 'utf8'));
  assert.deepEqual([version, appVersion], [toolVersion, toolVersion]);
  const values = parseYaml(await readFile(join(chart, 'values.yaml'), 'utf8'));
  assert.equal(values.nats.bundled.image.tag, builtNatsServer);
});

test('the values for a test cluster name the images that its nodes have', { skip }, async () => {
  const objects = JSON.stringify(await render('--values', join(root, 'test/cluster/values.yaml')));
  for (const image of [imageReference('operator'), imageReference('worker-cpu'), natsImage]) {
    assert.ok(objects.includes(`${image}\\"`) || objects.includes(`"${image}"`), image);
  }
});

test('the install manifest says nothing of helm and holds no key', { skip }, async () => {
  const text = await readFile(join(root, 'manifests/install.yaml'), 'utf8');
  assert.doesNotMatch(text, /helm\.sh|: Helm/);
  const kinds = parse(text).map(({ kind }) => kind);
  assert.equal(kinds[0], 'Namespace');
  assert.ok(kinds.includes('CustomResourceDefinition'));
  assert.ok(!kinds.includes('Secret'));
});

describe('values', { skip }, () => {
  test('images: registry, tag and digest, of all or of one', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const set = [
      'images.registry=r.example/p',
      'images.tag=v9',
      `images.workerCuda.digest=${digest}`,
      'images.operator.tag=x',
    ];
    const objects = await render(...set.flatMap((value) => ['--set', value]));
    const { images } = configOf(objects);
    assert.deepEqual(images, {
      cpu: 'r.example/p/worker-cpu:v9',
      cuda: `r.example/p/worker-cuda@${digest}`,
      pullPolicy: 'IfNotPresent',
    });
    assert.match(JSON.stringify(find(objects, 'Deployment', 'splitlab-operator')), /"r\.example\/p\/operator:x"/);
  });

  test('a NATS of one’s own with keys: none is installed, and its keys are not made', async () => {
    const objects = await render(
      '--set',
      'nats.bundled.enabled=false,nats.url=nats://n:4222\\,nats://m:4222,nats.keysSecret=mine',
    );
    assert.deepEqual(configOf(objects).nats, {
      url: 'nats://n:4222,nats://m:4222',
      keysSecret: 'mine',
      manageKeys: false,
      replicas: 1,
    });
    assert.equal(
      objects.some(({ metadata }) => metadata.name.startsWith('splitlab-nats')),
      false,
    );
  });

  test('a NATS of one’s own with one file of credentials', async () => {
    const objects = await render(
      '--set',
      'nats.bundled.enabled=false,nats.url=tls://n:4222,nats.credentialsSecret=creds',
    );
    const credentialsFile = '/etc/splitlab-nats/nats.creds';
    assert.deepEqual(configOf(objects).nats, { url: 'tls://n:4222', credentialsFile, manageKeys: false, replicas: 1 });
    assert.match(JSON.stringify(find(objects, 'Deployment', 'splitlab-operator')), /"secretName":"creds"/);
  });

  test('the results API over TLS', async () => {
    const objects = await render('--set', 'resultsApi.tlsSecret=results-tls');
    const tls = { certFile: '/etc/splitlab-tls/tls.crt', keyFile: '/etc/splitlab-tls/tls.key' };
    assert.deepEqual(configOf(objects).resultsApi, { port: 8443, tls });
    assert.match(JSON.stringify(find(objects, 'Service', 'splitlab-results')), /"appProtocol":"https"/);
  });

  test('a receiver of traces, its headers and its authority, as variables of OpenTelemetry', async () => {
    const none = JSON.stringify(find(await render(), 'Deployment', 'splitlab-operator'));
    assert.doesNotMatch(none, /OTEL_|telemetry/);
    const endpoint = 'telemetry.endpoint=https://c:4317,telemetry.protocol=Grpc';
    const refs = 'telemetry.headersSecretRef.name=token,telemetry.caConfigMapRef.name=ca';
    const deployment = JSON.stringify(
      find(await render('--set', `${endpoint},${refs}`), 'Deployment', 'splitlab-operator'),
    );
    for (const part of [
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'https://c:4317' },
      { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'grpc' },
      { name: 'OTEL_EXPORTER_OTLP_HEADERS', valueFrom: { secretKeyRef: { key: 'headers', name: 'token' } } },
      { name: 'OTEL_EXPORTER_OTLP_CERTIFICATE', value: '/etc/splitlab-telemetry/ca.crt' },
      { name: 'telemetry', mountPath: '/etc/splitlab-telemetry', readOnly: true },
      { name: 'telemetry', configMap: { name: 'ca' } },
    ]) {
      assert.ok(deployment.includes(JSON.stringify(part)), JSON.stringify(part));
    }
  });

  test('one replica has no disruption budget; CRD, roles and volume can be left out', async () => {
    const kindsOf = async (...args: string[]) =>
      (await render(...args)).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const all = await kindsOf();
    for (const [value, object] of [
      ['operator.replicas=1', 'PodDisruptionBudget splitlab-operator'],
      ['crds.install=false', 'CustomResourceDefinition splitexperiments.splitlab.dev'],
      ['rbac.aggregate=false', 'ClusterRole splitlab-edit'],
    ] as const) {
      const without = await kindsOf('--set', value);
      assert.ok(all.includes(object) && !without.includes(object), object);
    }
    assert.ok((await kindsOf('--set', 'networkPolicy.enabled=true')).includes('NetworkPolicy splitlab-nats'));
    const [kept, lost] = await Promise.all([render(), render('--set', 'nats.bundled.persistence.enabled=false')]);
    assert.ok('volumeClaimTemplates' in Object(find(kept, 'StatefulSet', 'splitlab-nats').spec));
    assert.ok(!('volumeClaimTemplates' in Object(find(lost, 'StatefulSet', 'splitlab-nats').spec)));
  });

  test('uninstalling leaves the definition, and so the experiments', async () => {
    const { metadata } = find(await render(), 'CustomResourceDefinition', 'splitexperiments.splitlab.dev');
    assert.deepEqual(metadata.annotations, { 'helm.sh/resource-policy': 'keep' });
  });

  const mistakes = [
    ['operator.replica=3', /'\/operator': additional properties 'replica' not allowed/],
    ['images.pullPolicy=Sometimes', /'\/images\/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'/],
    ['images.operator.digest=abc', /'\/images\/operator\/digest': 'abc' does not match pattern/],
    ['operator.replicas=many', /'\/operator\/replicas': got string, want integer/],
    ['nats.bundled.enabled=false', /nats\.bundled\.enabled=false needs nats\.url, such as nats:\/\//],
    ['nats.url=nats://n:4222', /nats\.url is for a NATS of your own: set nats\.bundled\.enabled=false/],
    ['nats.url=http://n', /'\/nats\/url': 'http:\/\/n' does not match pattern/],
    ['nats.bundled.enabled=false,nats.url=nats://n:4222,nats.keysSecret=', /name a Secret: nats\.keysSecret/],
    ['nats.replicas=3', /nats\.replicas is for a NATS of your own/],
    ['nats.replicas=2', /'\/nats\/replicas': value must be one of 1, 3, 5/],
    ['nats.credentialsSecret=x', /nats\.credentialsSecret is for a NATS of your own/],
    ['telemetry.endpoint=jaeger:4318', /'\/telemetry\/endpoint': 'jaeger:4318' does not match pattern/],
    ['operator.leaderElection.renewDeadlineSeconds=15', /renewDeadlineSeconds must be below leaseDurationSeconds/],
    ['operator.leaderElection.retryPeriodSeconds=10', /retryPeriodSeconds must be below renewDeadlineSeconds/],
  ] as const;
  for (const [value, message] of mistakes) {
    test(`a mistake is named: ${value}`, () => assert.rejects(render('--set', value), message));
  }
});

function find(objects: readonly Rendered[], kind: string, name: string): Rendered {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  return found ?? assert.fail(`no ${kind} ${name}`);
}

/** The operator's configuration file. */
function configOf(objects: readonly Rendered[]) {
  const { data } = Object(find(objects, 'ConfigMap', 'splitlab-operator'));
  const config: unknown = JSON.parse(data['operator.json']);
  // The file says everything itself: reading it fills nothing in.
  assert.deepEqual(parseConfig('operator.json', config), config);
  return Object(config);
}
