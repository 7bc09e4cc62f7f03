import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CoreV1Api, type V1Pod } from '@kubernetes/client-node';
import { z } from 'zod';
import type { Client } from '../operator/runtime/client/client.ts';
import { kubeConfigConnection } from '../operator/runtime/client/kube-config.ts';
import { connect } from '../operator/runtime/connect.ts';
import { Informer } from '../operator/runtime/informer/informer.ts';
import type { Stored } from '../operator/runtime/objects.ts';
import { pods } from '../operator/runtime/resources.ts';
import type { Wire } from '../operator/runtime/wire.ts';
import { withServer } from './kubernetes/with-server.ts';
import { print, type Row, row } from './row.ts';

const requests = 300;
const connectionsSchema = z.object({ connections: z.number() });

async function connectionsOf(client: Client): Promise<number> {
  return connectionsSchema.parse(JSON.parse(await client.getText('/connections'))).connections;
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const sinceMs = performance.now();
  await work();
  return (count * 1000) / (performance.now() - sinceMs);
}

async function times(count: number, request: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) await request();
}

/** Requests per second and TLS connections of the pooled client and of client-node's own, one request after another. */
async function clients(): Promise<Row[]> {
  return await withServer(10, 0, async (config) => {
    await using client = await connect({ config: kubeConfigConnection(config) });
    const theirs = config.makeApiClient(CoreV1Api);
    const get = {
      ours: () => client.get(pods, { namespace: 'a', name: 'b' }),
      theirs: () => theirs.readNamespacedPod({ namespace: 'a', name: 'b' }),
    };
    await times(20, get.ours);
    await times(20, get.theirs);
    await connectionsOf(client);
    const ours = await perSecond(requests, () => times(requests, get.ours));
    const ourConnections = await connectionsOf(client);
    const their = await perSecond(requests, () => times(requests, get.theirs));
    const theirConnections = await connectionsOf(client);
    const parallel = await perSecond(requests * 10, () =>
      Promise.all(Array.from({ length: 16 }, () => times((requests * 10) / 16, get.ours))),
    );
    return [
      row('requests in turn, pooled client', ours, '1/s'),
      row('requests in turn, client-node', their, '1/s'),
      row('pooled client / client-node', ours / their, 'x', '>=', 1.5),
      row(`new connections for ${requests} requests, pooled client`, ourConnections, ''),
      row(`new connections for ${requests} requests, client-node`, theirConnections, ''),
      row('16 requests at once, pooled client', parallel, '1/s'),
    ];
  });
}

/** Events per second that an informer takes in, with an index and a handler, from a server that sends as fast as it can. */
async function informer(): Promise<Row[]> {
  const [objects, events] = [1000, 60_000];
  return await withServer(objects, events, async (config) => {
    await using client = await connect({ config: kubeConfigConnection(config) });
    const done = Promise.withResolvers<void>();
    let seen = 0;
    const cache = new Informer(client, pods);
    cache.addHandler({ onUpdate: () => ++seen === events && done.resolve() });
    const abort = new AbortController();
    const running = cache.run(abort.signal);
    await cache.synced();
    const cpu = process.cpuUsage();
    const rate = await perSecond(events, () => done.promise);
    const { user, system } = process.cpuUsage(cpu);
    abort.abort();
    await running;
    return [
      row('events through an informer', rate, '1/s'),
      row('CPU per event (100 µs: 10,000 events a second on one core)', (user + system) / events, 'µs', '<=', 100),
    ];
  });
}

type Pod = Stored<Wire<V1Pod>>;

/** What a pod's spec is to a controller that only asks where the pod runs. */
function lean({ spec, ...rest }: Pod): Pod {
  return { ...rest, spec: { containers: [], ...(spec?.nodeName && { nodeName: spec.nodeName }) } };
}

/** Heap that an informer of 10,000 pods holds, in MB per thousand, after a collection. */
async function heapPerThousand(client: Client, objects: number, transform: (object: Pod) => Pod): Promise<number> {
  const before = usedHeap();
  const cache = new Informer(client, pods, { transform });
  const abort = new AbortController();
  const running = cache.run(abort.signal);
  await cache.synced();
  const used = usedHeap() - before;
  abort.abort();
  await running;
  return used / 1e6 / (objects / 1000);
}

function usedHeap(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

async function memory(): Promise<Row[]> {
  const objects = 10_000;
  return await withServer(objects, 0, async (config) => {
    await using client = await connect({ config: kubeConfigConnection(config) });
    await heapPerThousand(client, objects, lean);
    const whole = await heapPerThousand(client, objects, (object) => object);
    return [
      row('heap per 1,000 cached pods of 4 kB of JSON', whole, 'MB'),
      row('the same without their spec', await heapPerThousand(client, objects, lean), 'MB'),
    ];
  });
}

export async function run(): Promise<Row[]> {
  return [...(await clients()), ...(await informer()), ...(await memory())];
}

if (import.meta.main) print(await run());
