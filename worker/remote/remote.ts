import { once } from 'node:events';
import { z } from 'zod';
import { type PrepareReply, prepareRequestSchema, usageRequestSchema } from '../../api/messages/worker.ts';
import { subjects } from '../../api/subjects.ts';
import type { WorkerConfig } from '../../api/worker-config.ts';
import { openStore } from '../../store/store.ts';
import { announce } from '../announce.ts';
import { serve } from '../control.ts';
import { imagePreprocess, openPart } from '../experiment.ts';
import { Superseded } from '../fatal.ts';
import { type Fence, openFence } from '../fence.ts';
import { monotonicMs } from '../measure/now.ts';
import { serveProbe } from '../measure/probe.ts';
import { workerPlaces } from '../places.ts';
import { prepareModel } from '../prepare.ts';
import type { WorkerContext } from '../process.ts';
import { checkProvider } from '../provider.ts';
import { type LaneTrace, tracedLane } from '../traced-lane.ts';
import { openConnection } from '../transport/connection.ts';
import { type ExchangeHandler, serveExchange } from '../transport/serve.ts';
import { visitUsage } from '../usage.ts';
import { type Answerer, answer } from './answer.ts';

/** A frame came for a session that this worker never opened: it took over from the one that did. */
class NothingPrepared extends Error {
  readonly code = 'NothingPrepared';
  constructor() {
    super('nothing is prepared: the worker was started anew');
    this.name = 'NothingPrepared';
  }
}

/** Serves one lane until it is asked to stop: sessions on request, then every frame that comes for them. */
export function runRemote(context: WorkerContext<WorkerConfig>): Promise<void> {
  return tracedLane('remote', context, (trace) => serveLane(context, trace));
}

async function serveLane(
  { config: given, log, logContext, signal: stopped, ready, meters }: WorkerContext<WorkerConfig>,
  { self, onStep, sending }: LaneTrace,
): Promise<void> {
  const names = subjects(given.scope);
  const { lane, podAttempt } = given;
  const nats = { ...given.nats, inboxPrefix: names.inbox, signal: stopped };
  await checkProvider(given.manifest.spec.remote, 'remote');
  await using control = await openConnection({
    ...nats,
    name: `remote-${lane}-control`,
    onReconnect: meters.reconnected('control'),
  });
  await using data = await openConnection({
    ...nats,
    name: `remote-${lane}-data`,
    onReconnect: meters.reconnected('data'),
  });
  const subject = names.worker(lane, 'remote');
  const connections = [control, data];
  const followed = openStore(control.client, { signal: stopped });
  const fence = openFence({ store: followed, subject, podAttempt, connections, until: stopped });
  const signal = AbortSignal.any([stopped, fence.signal]);
  const store = openStore(control.client, { signal });

  const places = workerPlaces(given, { side: 'remote', store, names, log, signal, onStep });
  const { manifest, model, experiment } = await prepareModel(given.manifest, given.model, places);
  const { spec } = manifest;
  const answerable = newestOf(fence);
  let current: Answerer | null = null as Answerer | null;
  const announcement = { ...self, modelDigest: model.digest };
  try {
    const preprocess = await imagePreprocess(experiment);
    const usage = visitUsage(announcement.memoryTotalBytes);

    let prepared: { readonly request: string; readonly reply: PrepareReply } | null = null;
    serve(control.client, names.remote(lane, 'prepare'), prepareRequestSchema, async (request, origin) => {
      logContext.visit(origin);
      const { kind, tensors, batchSize, sharedHost } = request;
      await answerable(request.podAttempt);
      if (prepared?.request === request.request) return prepared.reply;
      const previous = current;
      current = null;
      await previous?.session.close();
      // Between visits: after a visit's end the local side probes clock and link once more.
      meters.publish();
      sending.flush();
      const part = { kind, tensors, side: 'remote' } as const;
      const session = await openPart(experiment, part, batchSize, { worker: spec.remote, sharedHost, signal });
      const labels = spec.output.at === 'Remote' ? experiment.labels : null;
      current = { kind, session, preprocess, labels };
      log.debug({ kind, batchSize, loadMilliseconds: session.loadMilliseconds }, 'session opened');
      const reply = { loadMilliseconds: session.loadMilliseconds };
      prepared = { request: request.request, reply };
      return reply;
    });
    serve(control.client, names.remote(lane, 'clock'), z.unknown(), () => {
      const receivedAtMs = monotonicMs();
      return { receivedAtMs, repliedAtMs: monotonicMs() };
    });
    serve(control.client, names.remote(lane, 'usage'), usageRequestSchema, ({ action }) => {
      if (action === 'Stop') return { usage: usage.stop() };
      usage.start();
      return { usage: null };
    });
    using _probe = serveProbe(data.client, { up: names.probeUp(lane), down: names.probeDown(lane) });

    const handler: ExchangeHandler = async ({ tensors, meta }) => {
      await fence.trusted();
      if (!current) throw new NothingPrepared();
      return answer(current, tensors, meta);
    };
    const warn = (message: string, error: Error) => log.warn({ err: error }, message);
    const common = { handler, now: monotonicMs, log: warn };
    await using _data = await serveExchange({
      ...common,
      connection: data,
      up: names.up(lane),
      down: names.down(lane),
    });
    await using _control = await serveExchange({
      ...common,
      connection: control,
      up: names.evaluationUp(lane),
      down: names.evaluationDown(lane),
    });
    await announce(announcement, spec, store, names);
    ready(() => control.connected && data.connected);
    log.info({ announcement }, 'remote worker is ready');
    if (!signal.aborted) await once(signal, 'abort');
    fence.signal.throwIfAborted();
  } finally {
    await current?.session.close();
  }
}

/** Throws where this worker, or the local one that asks, was superseded. */
function newestOf(fence: Fence): (podAttempt: number) => Promise<void> {
  let newest = 0;
  return async (podAttempt) => {
    await fence.trusted();
    if (podAttempt < newest) throw new Superseded(podAttempt, newest);
    newest = podAttempt;
  };
}
