import { once } from 'node:events';
import { connect, type NatsConnection } from 'nats';
import type { Logger } from 'pino';
import { subjects } from '../../api/subjects.ts';
import type { LinkConfig } from '../../api/worker-config.ts';
import { clientOptions, serversOf } from '../nats.ts';
import { podToken } from '../pod.ts';
import type { WorkerContext } from '../process.ts';
import { serveControl } from './control.ts';
import { startEmulator } from './emulator.ts';

/** Runs the emulator of a lane until it is asked to stop; the profile comes over the control connection. */
export async function runLink({
  config,
  log,
  logContext,
  signal,
  ready,
  meters,
}: WorkerContext<LinkConfig>): Promise<void> {
  logContext.experiment(config);
  const stopped = once(signal, 'abort').then(() => null);
  const upstream = serversOf(config.nats);
  await using emulator = await startEmulator({
    // Of this host alone, on a port that is free: the status says which.
    listen: { host: '127.0.0.1', port: 0 },
    upstream,
    onError: (error) => log.warn({ err: error }, 'a data connection failed'),
  });
  const instance = crypto.randomUUID();
  meters.registry.identify({ 'service.instance.id': instance, 'splitlab.lane': String(config.lane) });
  const reconnected = meters.reconnected('control');
  ready(() => true);
  log.info({ port: emulator.port, upstream, instance }, 'listening');

  const connection = await Promise.race([connectControl(config), stopped]);
  if (connection === null) return;
  serveControl({
    ...config,
    pod: podToken(),
    connection,
    emulator,
    instance,
    onOrigin: logContext.visit,
    onConfigure: (profile) => {
      log.debug({ profile }, 'the link is configured');
      meters.publish();
    },
    onRefusal: (error) => log.warn({ err: error }, 'a request was refused'),
  });
  logStatus(connection, log, reconnected);
  await Promise.race([connection.flush().catch(() => {}), stopped]);
  log.info('connected');
  await Promise.race([stopped, connection.closed()]);
  await connection.close();
  if (!signal.aborted) throw new Error('the control connection was closed');
}

/** Connects as often as it takes: the server may be starting, or starting again. */
function connectControl({ nats, scope, lane }: LinkConfig): Promise<NatsConnection> {
  return connect({
    ...clientOptions(nats),
    name: `link-${lane}`,
    inboxPrefix: subjects(scope).inbox,
    ignoreAuthErrorAbort: true,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
  });
}

async function logStatus(connection: NatsConnection, log: Logger, onReconnect: () => void): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') log.warn('the control connection broke');
    else if (status.type === 'reconnect') {
      onReconnect();
      log.info('the control connection is there again');
    } else if (status.type === 'error') log.error({ err: status.error }, 'the control connection reports an error');
  }
}
