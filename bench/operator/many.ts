import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { formatTraceparent, newTrace } from '../../api/trace/context.ts';
import { type Experiment, namespaceOf } from '../../operator/experiment/experiment.ts';
import type { PodInput } from '../../operator/pod/input.ts';
import { desiredPod } from '../../operator/pod/pod.ts';
import { desiredSecret } from '../../operator/pod/secret.ts';
import { pods, secrets } from '../../operator/runtime/resources.ts';
import { eventually } from '../../test/support/deadline.ts';
import { type Row, row } from '../row.ts';
import { apply, forEach, manifestOf, names } from './experiments.ts';
import type { OperatorProcess } from './operator-process.ts';
import { makeSite, namespace, type Site } from './site.ts';

const count = Number(process.env.COUNT ?? 1000);
/** An experiment, its Secret and two pods. */
const objects = 4 * count;
const kwokNodes = 10;
const patienceMs = 300_000;
const windowMs = 10_000;

const sides = ['local', 'remote'] as const;
const waitsSchema = z.object({ passes: z.number(), queueWaitMs: z.object({ p50: z.number(), p99: z.number() }) });

/** A thousand experiments at once, and what they cost from then on. */
export async function run(): Promise<Row[]> {
  const inTurn = await bareLoop(1);
  const atOnce = await bareLoop(16);
  await using site = await makeSite({ kwokNodes });
  const operator = await site.start();
  const sinceMs = performance.now();
  const cpuMs = await operator.cpuMs();
  await forEach(names('many', count), 16, (name) => apply(site, name));
  const appliedMs = performance.now() - sinceMs;
  await untilAllPods(site);
  const createdMs = performance.now() - sinceMs;
  const rate = (objects * 1000) / createdMs;
  const usedMs = (await operator.cpuMs()) - cpuMs;
  const resting = await untilRest(operator);
  const running = await operator.residentMB();
  await operator.stop();
  const { passes, queueWaitMs } = waitsSchema.parse(await operator.logged('the controller has ended'));
  return [
    row(`${count} experiments with Secret and pods, POSTed in turn by a bare loop`, inTurn, 'objects/s'),
    row('the same 16 at once', atOnce, 'objects/s'),
    row(`${count} experiments applied at once (${Math.round(appliedMs)} ms)`, rate, 'objects/s'),
    row('operator / bare loop', (100 * rate) / inTurn, '%', '>=', 70),
    row('operator / bare loop of 16 at once', (100 * rate) / atOnce, '%'),
    row('CPU of the operator for each experiment', usedMs / count, 'ms'),
    row('wait in the queue, p50', queueWaitMs.p50, 'ms'),
    row('wait in the queue, p99', queueWaitMs.p99, 'ms'),
    row('passes for each experiment', passes / count, ''),
    row(`operator, ${count} experiments running: resident memory`, running, 'MB', '<=', 250),
    row('operator, the same: processor time at rest', 100 * resting, '% of a core'),
  ];
}

/** Objects a second that one client creates with nothing else to do; the operator is not there. */
async function bareLoop(atOnce: number): Promise<number> {
  await using site = await makeSite({ kwokNodes });
  const { client } = site;
  const sinceMs = performance.now();
  await forEach(names('many', count), atOnce, async (name) => {
    const input = inputOf(site, await apply(site, name));
    await client.create(secrets, desiredSecret({ ...input, traceparent, credentials }));
    for (const side of sides) {
      const place = { lane: 0, side, podAttempt: 0 };
      await client.create(pods, { ...desiredPod({ ...input, ...place }) });
    }
  });
  return (objects * 1000) / (performance.now() - sinceMs);
}

/** As long as real ones. */
const traceparent = formatTraceparent(newTrace(true));
const credentials = 'x'.repeat(1200);
const images = { cpu: 'cpu:1', cuda: 'cuda:1', pullPolicy: 'IfNotPresent' } as const;

function inputOf({ clusterId }: Site, { metadata }: Experiment): Omit<PodInput, 'lane' | 'side' | 'podAttempt'> {
  const { name, uid } = metadata;
  const owner = { name, uid, namespace: namespaceOf(metadata) };
  const scope = { cluster: clusterId, namespace: owner.namespace, uid };
  return { manifest: manifestOf(name), owner, scope, images, natsUrl: 'nats://nats:4222' };
}

/** Waits until the operator has nothing to do; gives the share of a core that it goes on to use. */
async function untilRest(operator: OperatorProcess): Promise<number> {
  const share = async () => {
    const beforeMs = await operator.cpuMs();
    await delay(windowMs);
    return ((await operator.cpuMs()) - beforeMs) / windowMs;
  };
  return await eventually(patienceMs, 'the operator has nothing to do', async () => {
    const used = await share();
    return used < 0.2 ? await share() : null;
  });
}

async function untilAllPods({ client }: Site): Promise<void> {
  await eventually(patienceMs, 'all pods', async () => {
    const { items, remainingItemCount } = await client.list(pods, { namespace, limit: 1 });
    if (items.length + (remainingItemCount ?? 0) >= 2 * count) return true;
    await delay(50);
    return null;
  });
}
