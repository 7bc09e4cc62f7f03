import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { recordLine } from '../../api/record/files.ts';
import { experimentPath } from '../../api/results/paths.ts';
import { buildImage, imageReference } from '../../images/build.ts';
import { experimentObject, succeeded } from '../../operator/web/testing/cache.ts';
import { cluster as clusterId, namesOf, openStored, recordsOf, storeVisit } from '../../operator/web/testing/lab.ts';
import { withCluster } from '../cluster/testing.ts';
import { runToEnd, temporaryFolder } from '../support/command.ts';
import { eventually } from '../support/deadline.ts';
import { testNatsServer, testUser } from '../support/nats.ts';

const plugin = fileURLToPath(new URL('../../bin/kubectl-split', import.meta.url));
const namespace = 'splitlab';
const labels = { 'app.kubernetes.io/name': 'splitlab', 'app.kubernetes.io/component': 'operator' };

await using images = await temporaryFolder();
// The API server alone tells who a caller is; a node alone can forward a port.
const { skipFaults: skip, own: cluster } = await withCluster(async () => ({
  nodes: 1,
  images: [await buildImage('operator', images.path)],
}));
const apply = (...items: unknown[]) =>
  cluster().kubectl(['apply', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** A role in a namespace for a service account of `default` or for a user. */
function grant(
  name: string,
  inNamespace: string,
  subject: { readonly kind: string; readonly name: string },
  rules: Rule[],
) {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name, namespace: inNamespace };
  const holder = subject.kind === 'User' ? { apiGroup: 'rbac.authorization.k8s.io' } : { namespace: 'default' };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  return [
    { apiVersion, kind: 'Role', metadata, rules },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects: [{ ...subject, ...holder }] },
  ];
}

const readExperiments: Rule = { apiGroups: ['splitlab.dev'], resources: ['splitexperiments'], verbs: ['get', 'list'] };
const listPods: Rule = { apiGroups: [''], resources: ['pods'], verbs: ['list'] };
const forward: Rule = { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] };
const proxy: Rule = {
  apiGroups: [''],
  resources: ['services/proxy'],
  resourceNames: ['splitlab-results:results'],
  verbs: ['get'],
};

/** The results API in a pod, from the operator's own image, with one experiment that has ended. */
function operator(nats: { readonly host: string; readonly port: number }) {
  const objects = [
    experimentObject({ name: 'mine', uid: 'u1' }, succeeded('True', 'CompletedWithRejections')),
    experimentObject({ name: 'empty', uid: 'u2' }, succeeded('Unknown', 'WorkersStarting')),
  ];
  const program = `
    import { connect as connectNats } from 'nats';
    import { connect } from '/app/operator/runtime/connect.js';
    import { silentLogger } from '/app/operator/runtime/logger.js';
    import { startResultsApi } from '/app/operator/web/serve.js';
    import { openArchive } from '/app/store/archive.js';
    import { openStore } from '/app/store/store.js';
    const connection = await connectNats({ servers: '${nats.host}:${nats.port}', user: '${testUser.user}', pass: '${testUser.password}' });
    const objects = ${JSON.stringify(objects)};
    const experiments = {
      hasSynced: true,
      get: ({ namespace, name }) => objects.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
      list: () => objects,
      addHandler: () => () => {},
    };
    await startResultsApi({
      client: await connect(), experiments, archive: openArchive(connection), store: openStore(connection),
      clusterId: '${clusterId}', config: { port: 8443 }, logger: silentLogger, signal: new AbortController().signal,
    });`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'operator', namespace, labels },
    spec: {
      serviceAccountName: 'operator',
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'operator',
          image: imageReference('operator'),
          imagePullPolicy: 'Never',
          command: ['/usr/local/bin/node', '--input-type=module', '--eval', program],
          ports: [{ name: 'results', containerPort: 8443 }],
          readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 1 },
        },
      ],
    },
  };
}

test('results of a cluster as a user types the commands', { skip, timeout: 240_000 }, async () => {
  await using folder = await temporaryFolder();
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  const records = recordsOf(3, 2);
  for (const record of records) await storeVisit(stored.store, namesOf('u1'), record);
  await stored.store.create(namesOf('u1').plan, { digest: 'd', total: 6, warnings: [] });
  const account = (name: string) => ({ kind: 'ServiceAccount', name });
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'splitlab-reviews' } };
  const reviews = [
    { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'splitlab-reviews' };
  await apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'operator', namespace } },
    { ...rbac, kind: 'ClusterRole', rules: reviews },
    {
      ...rbac,
      kind: 'ClusterRoleBinding',
      roleRef,
      subjects: [{ kind: 'ServiceAccount', name: 'operator', namespace }],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'splitlab-results', namespace },
      spec: { selector: labels, ports: [{ name: 'results', port: 80, targetPort: 'results' }] },
    },
    ...grant('reader', 'default', account('reader'), [readExperiments, listPods]),
    ...grant('reader', namespace, account('reader'), [listPods, forward]),
    ...grant('proxied', 'default', account('proxied'), [readExperiments]),
    ...grant('proxied', namespace, account('proxied'), [proxy]),
    ...grant('stranger', namespace, account('stranger'), [listPods, forward]),
    ...grant('jane', 'default', { kind: 'User', name: 'jane' }, [
      { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
    ]),
    ...grant('jane', namespace, { kind: 'User', name: 'jane' }, [listPods, forward]),
    // One that no node takes.
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'waiting', namespace: 'default', labels },
      spec: { nodeSelector: { nowhere: 'yes' }, containers: [{ name: 'main', image: 'none' }] },
    },
  );
  using reader = await cluster().serviceAccount('default', 'reader');
  using proxied = await cluster().serviceAccount('default', 'proxied');
  using stranger = await cluster().serviceAccount('default', 'stranger');
  using nobody = await cluster().serviceAccount('default', 'nobody');
  using jane = await cluster().user({ user: 'jane' });
  const run = (who: { readonly kubeconfig: string }, ...args: string[]) =>
    runToEnd(args, { folder: folder.path, through: [plugin], env: { KUBECONFIG: who.kubeconfig } });

  const early = await run(reader, 'results', 'mine');
  assert.equal(early.status, 3, early.stderr);
  assert.match(early.stderr, /there is no operator in namespace "splitlab".*install splitlab/);
  await apply(operator(await cluster().expose(nats.port)));
  await cluster().kubectl(['wait', '--namespace', namespace, 'pod/operator', '--for=condition=Ready', '--timeout=90s']);
  await eventually(20_000, 'the endpoints of the service', async () => {
    const { status } = await run(proxied, 'list');
    return status === 0 ? true : null;
  });

  const table = await run(reader, 'results', 'mine');
  assert.equal(table.status, 0, table.stderr);
  assert.match(
    table.stdout,
    /DigitsCnn, link wifi: end-to-end time[\s\S]*best LatencyP50[\s\S]*6 of 6 visits accepted\n$/,
  );
  const lines = await run(reader, 'results', 'mine', '--format', 'jsonl');
  assert.equal(lines.stdout, records.map(recordLine).join(''));
  const saved = await run(reader, 'results', 'mine', '--format', 'samples', '-o', 'samples.csv');
  assert.equal(saved.status, 0, saved.stderr);
  assert.equal((await readFile(join(folder.path, 'samples.csv'), 'utf8')).split('\n').length, 1 + 6 * 3 + 1);
  assert.match((await run(reader, 'results', 'mine', '--format', 'summary')).stdout, /^trialId,model,/);
  assert.match((await run(reader, 'list')).stdout, /^NAME +MODEL[\s\S]*mine +True +CompletedWithRejections/);
  const watched = await run(reader, 'watch', 'mine');
  assert.equal(watched.status, 1, watched.stderr);
  assert.equal(watched.stdout.trimEnd().split('\n').length, 6);
  assert.match(watched.stderr, /CompletedWithRejections: it is CompletedWithRejections\n$/);
  const through = await run(proxied, 'results', 'mine');
  assert.equal(through.stdout, table.stdout, through.stderr);
  assert.equal((await run(proxied, 'results', 'mine', '--via', 'PortForward')).status, 3);

  // The API server keeps `Authorization` to itself.
  const service = `/api/v1/namespaces/${namespace}/services/splitlab-results:results/proxy`;
  const bare = await proxied.client.send('GET', `${service}${experimentPath('default', 'mine')}`);
  assert.match(JSON.stringify(bare), /"status":401.*send a token of the cluster/);

  const unknown = await run(reader, 'results', 'mien');
  assert.match(unknown.stderr, /this cluster does not know SplitExperiment: install the CRD/);
  await cluster().kubectl(['apply', '--filename=crds/splitlab.dev_splitexperiments.yaml']);
  await eventually(20_000, 'the kind is known', async () => {
    const { status } = await cluster().client.send('GET', '/apis/splitlab.dev/v1alpha1');
    return status === 200 ? true : null;
  });
  const refusals: readonly (readonly [typeof jane, readonly string[], number, RegExp])[] = [
    [reader, ['results', 'mien'], 2, /"mien" not found.*did you mean mine\?/],
    [reader, ['results', 'empty'], 1, /no results yet: WorkersStarting/],
    [reader, ['results', 'mine', '--operator-namespace', 'default'], 3, /no operator pod .* is ready: waiting Pending/],
    [stranger, ['results', 'mine'], 3, /"system:serviceaccount:default:stranger" cannot get/],
    [nobody, ['results', 'mine'], 3, /cannot list resource "pods"[\s\S]*services\/proxy[\s\S]*splitlab-results-reader/],
    [jane, ['results', 'mine'], 3, /has no bearer token.*--service-account NAME/],
    [jane, ['results', 'mine', '--token', 'nonsense'], 3, /does not know you/],
    [jane, ['results', 'mine', '--service-account', 'missing'], 2, /no token could be made.*not found/],
  ];
  for (const [who, args, status, message] of refusals) {
    const refused = await run(who, ...args);
    assert.match(refused.stderr, message);
    assert.equal(refused.status, status, `${args.join(' ')}: ${refused.stderr}`);
  }
  const minted = await run(jane, 'results', 'mine', '--service-account', 'reader');
  assert.equal(minted.stdout, table.stdout, minted.stderr);
});
