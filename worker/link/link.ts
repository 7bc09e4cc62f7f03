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
export async function runLink({ config, log, signal, ready, meters }: WorkerContext<LinkConfig>): Promise<void> {
  const stopped = once(signal, 'abort').then(() => null);
  const upstream = serversOf(config.nats);
  await using emulator = await startEmulator({
    // Of this host alone, on a port that is free: the status says which.
    listen: { host: '127.0.0.1', port: 0 },
    upstream,
    onError: (error) => log.warn({ event: 'connectionFailed', error: error.message }),
  });
  const instance = crypto.randomUUID();
  meters.registry.identify({ 'service.instance.id': instance, 'splitlab.lane': String(config.lane) });
  const reconnected = meters.reconnected('control');
  ready(() => true);
  log.info({ event: 'listening', port: emulator.port, upstream, instance });

  const connection = await Promise.race([connectControl(config), stopped]);
  if (connection === null) return;
  serveControl({
    ...config,
    pod: podToken(),
    connection,
    emulator,
    instance,
    onConfigure: (profile) => {
      log.info({ event: 'configured', profile });
      meters.publish();
    },
    onRefusal: (error) => log.warn({ event: 'requestRefused', error: error.message }),
  });
  logStatus(connection, log, reconnected);
  await Promise.race([connection.flush().catch(() => {}), stopped]);
  log.info({ event: 'controlConnected' });
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
    if (status.type === 'disconnect') log.warn({ event: 'controlDisconnected' });
    else if (status.type === 'reconnect') {
      onReconnect();
      log.info({ event: 'controlReconnected' });
    } else if (status.type === 'error') log.error({ event: 'controlError', error: status.error.message });
  }
}
