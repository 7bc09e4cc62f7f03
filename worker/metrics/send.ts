import type { Logger } from 'pino';
import type { Telemetry } from '../../api/manifest/telemetry.ts';
import type { Registry } from '../../meters/registry.ts';
import type { Sending } from '../../meters/sending.ts';

/** Visits can follow each other within a second; a receiver has no use for that. */
const atLeastMs = 10_000;
/** After the 3 s that spans may take: together within the 5 s that a worker is given to end in. */
const closeTimeoutMs = 1_500;
const timeoutMillis = 3_000;

/**
 * Sends a worker's metrics to the receiver of the manifest; `flush` is to be called between visits. Without telemetry
 * nothing is loaded or sent. `binds`: folders of its Secret and ConfigMap. Failures are logged, never thrown.
 */
export function openMetricSending(
  telemetry: Telemetry | undefined,
  registry: Registry,
  binds: Readonly<Record<string, string>>,
  log: Logger,
): Sending {
  if (!telemetry) return { flush() {}, close: async () => {} };
  const failed = (error: unknown) => {
    log.error({ err: error }, 'metrics are not sent');
    return null;
  };
  const opened = open(telemetry, registry, binds, log).catch(failed);
  return {
    flush: () => void opened.then((sending) => sending?.flush()),
    close: async () => void (await opened.then((sending) => sending?.close())),
  };
}

async function open(
  telemetry: Telemetry,
  registry: Registry,
  binds: Readonly<Record<string, string>>,
  log: Logger,
): Promise<Sending> {
  const [{ openMetricExporter }, { openSending }, { exporterEnvironment }] = await Promise.all([
    import('../../meters/exporter.ts'),
    import('../../meters/sending.ts'),
    import('../telemetry/access.ts'),
  ]);
  // Of this process alone: it exports nothing else.
  Object.assign(process.env, await exporterEnvironment(telemetry, binds));
  const exporter = await openMetricExporter({ ...telemetry, timeoutMillis });
  return openSending(registry, exporter, { log, atLeastMs, closeTimeoutMs });
}
