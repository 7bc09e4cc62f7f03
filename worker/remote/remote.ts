import { once } from 'node:events';
import { z } from 'zod';
import { prepareRequestSchema, usageRequestSchema } from '../../api/messages/worker.ts';
import { subjects } from '../../api/subjects.ts';
import type { WorkerConfig } from '../../api/worker-config.ts';
import { openStore } from '../../store/store.ts';
import { announce } from '../announce.ts';
import { serve } from '../control.ts';
import { imagePreprocess, openExperiment, openPart } from '../experiment.ts';
import { monotonicMs } from '../measure/now.ts';
import { serveProbe } from '../measure/probe.ts';
import { prepareConfig } from '../prepared.ts';
import type { WorkerContext } from '../process.ts';
import { checkProvider } from '../provider.ts';
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
export async function runRemote({ config: given, log, signal, ready }: WorkerContext<WorkerConfig>): Promise<void> {
  const config = await prepareConfig(given);
  const { spec } = config.manifest;
  await checkProvider(spec.remote, 'remote');
  const experiment = await openExperiment(config.manifest, config.model.path);
  const names = subjects(config.scope);
  const lane = config.lane;
  await using control = await openConnection({ ...config.nats, name: `remote-${lane}-control`, signal });
  await using data = await openConnection({ ...config.nats, name: `remote-${lane}-data`, signal });
  let current: Answerer | null = null as Answerer | null;
  try {
    const announcement = await announce(config, 'remote');
    const preprocess = await imagePreprocess(experiment);
    const usage = visitUsage(announcement.memoryTotalBytes);

    serve(control.client, names.remote(lane, 'prepare'), prepareRequestSchema, async (request) => {
      const { kind, tensors, batchSize, sharedHost } = request;
      const previous = current;
      current = null;
      await previous?.session.close();
      const part = { kind, tensors, side: 'remote' } as const;
      const session = await openPart(experiment, part, batchSize, { worker: spec.remote, sharedHost, signal });
      const labels = spec.output.at === 'Remote' ? experiment.labels : null;
      current = { kind, session, preprocess, labels };
      return { loadMilliseconds: session.loadMilliseconds };
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
    await openStore(control.client, { signal }).append(names.worker(lane, 'remote'), announcement);
    ready(() => control.connected && data.connected);
    log.info({ announcement }, 'remote worker is ready');
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await current?.session.close();
  }
}
