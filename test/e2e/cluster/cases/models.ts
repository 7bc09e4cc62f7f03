import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { imageReference } from '../../../../images/build.ts';
import { zooModels } from '../../../../worker/zoo/models.ts';
import { dataPath } from '../../../../worker/zoo/samples.ts';
import { restricted } from '../manifest.ts';
import { clusterTest, type Scene } from '../scene.ts';

const { digest: sha256 } = zooModels.DigitsCnn;
const token = 'Bearer of-the-models';
const measurement = { warmup: 1, repetitions: 2, blocks: 1 };

/** A server of the zoo's models in the cluster that answers only who shows the token. */
async function serveModels(scene: Scene): Promise<void> {
  const program = `
    const { createServer } = require('node:http');
    const { createReadStream } = require('node:fs');
    createServer((request, answer) => {
      if (request.url === '/ready') return answer.end();
      if (request.headers.authorization !== '${token}') return answer.writeHead(401).end();
      createReadStream('/app/worker/zoo/data' + request.url).pipe(answer);
    }).listen(8080)`;
  const labels = { app: 'models' };
  const container = {
    name: 'models',
    image: imageReference('worker-cpu'),
    imagePullPolicy: 'Never',
    args: ['--eval', program],
    securityContext: restricted,
    readinessProbe: { httpGet: { port: 8080, path: '/ready' }, periodSeconds: 1 },
  };
  const items = [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'models', labels },
      spec: { terminationGracePeriodSeconds: 0, containers: [container] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'models' },
      spec: { selector: labels, ports: [{ port: 8080 }] },
    },
  ];
  await scene.create(...items);
  await scene.kubectl('wait', 'pod/models', '--for=condition=Ready', '--timeout=60s');
}

export function modelCases(): void {
  clusterTest('a model of a web server that wants a token', async (scene) => {
    await serveModels(scene);
    await scene.kubectl('create', 'secret', 'generic', 'access', `--from-literal=authorization=${token}`);
    const url = `http://models.${scene.namespace}.svc.cluster.local:8080/digits-cnn.onnx`;
    const http = { url, sha256, headersSecretRef: { name: 'access' } };
    await scene.apply('fetched', { model: { http }, measurement });
    await scene.apply('denied', { model: { http: { url, sha256 } }, measurement });
    await scene.untilReason('fetched', 'Succeeded', 'Completed');
    const [record] = await scene.records(scene.uid('fetched'));
    assert.equal(record?.model.digest, `sha256:${sha256}`);
    assert.match(await scene.untilReason('denied', 'Succeeded', 'FetchFailed'), /401/);
  });

  clusterTest('a model on a claim', async (scene) => {
    const path = 'digits.onnx';
    for (const { folder } of scene.cluster.nodes) {
      // What lies in a node's folder is at /node there.
      await mkdir(join(folder, 'models'));
      await copyFile(dataPath('digits-cnn.onnx'), join(folder, 'models', path));
    }
    const hostPath = { path: '/node/models', type: 'Directory' };
    const common = { accessModes: ['ReadOnlyMany'], storageClassName: '' };
    const volume = { ...common, capacity: { storage: '1Gi' }, hostPath };
    const claim = { ...common, volumeName: scene.namespace, resources: { requests: { storage: '1Gi' } } };
    const items = [
      { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: scene.namespace }, spec: volume },
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'models' }, spec: claim },
    ];
    await scene.create(...items);
    const persistentVolumeClaim = { claimName: 'models', path };
    await scene.apply('mounted', { model: { persistentVolumeClaim }, measurement });
    await scene.untilReason('mounted', 'Succeeded', 'Completed');
    const [record] = await scene.records(scene.uid('mounted'));
    assert.equal(record?.model.digest, `sha256:${sha256}`);
  });
}
