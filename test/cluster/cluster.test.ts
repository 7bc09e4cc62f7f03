import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { z } from 'zod';
import { buildImage, imageReference, imageUser } from '../../images/build.ts';
import { temporaryFolder } from '../support/command.ts';
import { eventually } from '../support/deadline.ts';
import { withCluster } from './testing.ts';

await using folder = await temporaryFolder();
const { skipFaults: skip, own: cluster } = await withCluster(async () => ({
  images: [await buildImage('worker-cpu', folder.path)],
}));

/** A pod on a node that runs a program of Node and may do nothing else. */
function pod(name: string, nodeName: string, program: string, port?: number): unknown {
  const securityContext = {
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  };
  const container = {
    name: 'main',
    image: imageReference('worker-cpu'),
    imagePullPolicy: 'Never',
    args: ['--eval', program],
    securityContext,
    ...(port && { readinessProbe: { httpGet: { port, path: '/' }, periodSeconds: 1 } }),
  };
  const spec = {
    ...(nodeName && { nodeName }),
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    restartPolicy: port ? 'Always' : 'Never',
    containers: [container],
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels: { app: name } }, spec };
}

const create = (object: unknown) => cluster().kubectl(['create', '--filename=-'], JSON.stringify(object));
const wait = (name: string, what: string) =>
  cluster().kubectl(['wait', `pod/${name}`, `--for=${what}`, '--timeout=60s']);
const podSchema = z.object({ status: z.object({ phase: z.string(), podIP: z.string().default('') }) });

async function status(name: string): Promise<z.infer<typeof podSchema>['status']> {
  const { body } = await cluster().client.send('GET', `/api/v1/namespaces/default/pods/${name}`);
  return podSchema.parse(body).status;
}

async function output(name: string): Promise<string> {
  const phase = await eventually(60_000, `the end of pod ${name}`, async () => {
    const { phase } = await status(name);
    return phase === 'Succeeded' || phase === 'Failed' ? phase : null;
  });
  const text = await cluster().kubectl(['logs', name]);
  assert.equal(phase, 'Succeeded', text);
  return text;
}

const server = (port: number) => `require('node:http').createServer((_, answer) => answer.end('here')).listen(${port})`;

test('a pod reaches one on the other node by its DNS name', { skip }, async () => {
  await create(pod('server', 'node-1', server(8080), 8080));
  const spec = { selector: { app: 'server' }, ports: [{ port: 80, targetPort: 8080 }] };
  await create({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'server' }, spec });
  await wait('server', 'condition=Ready');
  const program = `(async function ask() {
    try { console.log(await (await fetch('http://server.default.svc.cluster.local')).text()); }
    catch { setTimeout(ask, 100); }
  })()`;
  await create(pod('client', 'node-2', program));
  assert.equal(await output('client'), 'here\n');
});

test('the image loads its native parts as a user that is not root, on a file system it cannot write', {
  skip,
}, async () => {
  const program = `(async () => {
    const { InferenceSession } = require('onnxruntime-node');
    const session = await InferenceSession.create('worker/zoo/data/digits-cnn.onnx');
    const { width } = await require('sharp')('worker/zoo/data/photos/cat.png').metadata();
    let refused = '';
    try { require('node:fs').writeFileSync('/app/file', ''); } catch (error) { refused = error.code; }
    console.log(JSON.stringify([process.getuid(), session.inputNames, width > 0, refused]));
  })()`;
  await create(pod('native', 'node-1', program));
  const [line] = (await output('native')).split('\n').filter((one) => one.startsWith('['));
  assert.deepEqual(JSON.parse(line ?? ''), [Number.parseInt(imageUser, 10), ['input'], true, 'EROFS']);
});

test('a pod waits for a GPU until a node has one', { skip }, async () => {
  const wanted = { resources: { limits: { 'nvidia.com/gpu': '1' } } };
  const patch = pod('gpu', '', 'console.log(1)');
  const withGpu = JSON.parse(JSON.stringify(patch), (key, value) =>
    key === 'containers' ? value.map((one: object) => ({ ...one, ...wanted })) : value,
  );
  await create(withGpu);
  await wait('gpu', 'condition=PodScheduled=False');
  assert.match(await cluster().kubectl(['get', 'pod', 'gpu', '--output=yaml']), /Insufficient nvidia.com\/gpu/);
  await cluster().nodes[1]?.setResource('nvidia.com/gpu', 1);
  assert.equal(await output('gpu'), '1\n');
  assert.match(await cluster().kubectl(['get', 'pod', 'gpu', '--output=jsonpath={.spec.nodeName}']), /node-2/);
});

test('a pod that is cut off does not reach the API server until it is joined again', { skip }, async () => {
  const program = `(function ask() {
    const socket = require('node:net').connect(443, '10.96.0.1').setTimeout(500);
    const end = (text) => { socket.destroy(); console.log(text); setTimeout(ask, 100); };
    socket.on('connect', () => end('reached')).on('timeout', () => end('nothing')).on('error', () => end('refused'));
  })()`;
  await create(pod('asker', 'node-2', program));
  const says = (text: string) =>
    eventually(20_000, `the pod to say ${text}`, async () => {
      const last = await cluster()
        .kubectl(['logs', '--tail=1', 'asker'])
        .catch(() => '');
      return last.trim() === text ? true : null;
    });
  await says('reached');
  {
    await using _cut = await cluster().cutOff((await status('asker')).podIP);
    await says('nothing');
  }
  await says('reached');
});

test('pods reach a port of the test, every time', { skip }, async () => {
  await using listening = createServer((_, answer) => answer.end('outside')).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  const { host, port } = await cluster().expose(typeof address === 'object' && address !== null ? address.port : 0);
  const program = `(async () => {
    const ask = () => fetch('http://${host}:${port}', { headers: { connection: 'close' } }).then((one) => one.text());
    console.log(new Set(await Promise.all(Array.from({ length: 20 }, ask))));
  })()`;
  await create(pod('visitor', 'node-1', program));
  assert.equal(await output('visitor'), "Set(1) { 'outside' }\n");
});

test('a killed node is noticed, and comes back with its pods', { skip }, async () => {
  const [node] = cluster().nodes;
  assert.ok(node);
  await create(pod('stays', node.name, server(8081), 8081));
  await wait('stays', 'condition=Ready');
  await node.kill();
  await cluster().kubectl(['wait', `node/${node.name}`, '--for=condition=Ready=Unknown', '--timeout=60s']);
  await node.start();
  await wait('stays', 'jsonpath={.status.containerStatuses[0].restartCount}=1');
  await wait('stays', 'condition=Ready');
});

test('a partitioned node is noticed, its pod runs on', { skip }, async () => {
  const [node] = cluster().nodes;
  assert.ok(node);
  {
    await using _cut = await node.partition();
    await cluster().kubectl(['wait', `node/${node.name}`, '--for=condition=Ready=Unknown', '--timeout=60s']);
    assert.match(await node.exec(['ctr', '--namespace', 'k8s.io', 'tasks', 'list']), /RUNNING/);
  }
  await cluster().kubectl(['wait', `node/${node.name}`, '--for=condition=Ready', '--timeout=60s']);
});
