// The operator's process: reads the configuration file that is its only argument and runs until SIGTERM.
import { hostname } from 'node:os';
import { Registry } from '../meters/registry.ts';
import { ConfigInvalid, readConfig } from './config.ts';
import { operatorLog } from './log.ts';
import { operatorResource } from './metrics/resource.ts';
import { runOperator } from './operator.ts';
import { openTelemetry } from './telemetry/telemetry.ts';

const defaultFile = '/etc/splitlab/operator.json';
const log = operatorLog();
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());

try {
  const config = await readConfig(process.argv[2] ?? defaultFile);
  log.level = config.logLevel;
  const namespace = process.env.POD_NAMESPACE ?? 'splitlab';
  const instance = process.env.POD_NAME ?? hostname();
  const registry = new Registry(operatorResource({ namespace, instance }));
  const telemetry = await openTelemetry({ registry, namespace, instance, environment: process.env, logger: log });
  const outcome = await runOperator({
    config,
    namespace,
    instance,
    registry,
    tracing: telemetry.tracing,
    logger: log,
    signal: stop.signal,
    onListening: (ports) => log.info(ports, 'listening'),
  }).finally(() => telemetry.close());
  if (outcome === 'Lost') log.error('the lease was lost; another replica leads');
  process.exit(outcome === 'Lost' ? 1 : 0);
} catch (error) {
  log.fatal({ err: error }, error instanceof ConfigInvalid ? 'bad configuration' : 'the operator failed');
  process.exit(error instanceof ConfigInvalid ? 2 : 1);
}
