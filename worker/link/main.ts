/** The link emulator as a process: `main.ts CONFIG.json`. It lives as long as its parent and logs to stdout. */
import { once } from 'node:events';
import { connect, type NatsConnection } from 'nats';
import { pino } from 'pino';
import { type LinkConfig, readLinkConfig } from './config.ts';
import { serveControl } from './control.ts';
import { startEmulator } from './emulator.ts';

const log = pino({ name: 'link', base: { pid: process.pid } });

/** Runs the emulator until it is told to stop; resolves to the exit status. */
async function main(configPath: string): Promise<number> {
  const stop = new AbortController();
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, () => stop.abort(event));
  const stopped = once(stop.signal, 'abort').then(() => null);

  const config = await readLinkConfig(configPath);
  await using emulator = await startEmulator({
    ...config,
    onError: (error) => log.warn({ event: 'connectionFailed', error: error.message }),
  });
  const instance = crypto.randomUUID();
  log.info({ event: 'listening', port: emulator.port, upstream: config.upstream, instance });

  const connection = await Promise.race([connectControl(config.control, config.lane), stopped]);
  if (connection !== null) {
    serveControl({
      ...config,
      connection,
      emulator,
      instance,
      onConfigure: (profile) => log.info({ event: 'configured', profile }),
      onRefusal: (error) => log.warn({ event: 'requestRefused', error: error.message }),
    });
    logStatus(connection);
    await Promise.race([connection.flush().catch(() => {}), stopped]);
    log.info({ event: 'controlConnected', url: config.control.url });
    await Promise.race([stopped, connection.closed()]);
    await connection.close();
  }
  log.info({ event: 'stopped', reason: stop.signal.reason ?? 'the control connection was closed' });
  return stop.signal.aborted ? 0 : 1;
}

/** Connects as often as it takes: the server may be starting, or starting again. */
function connectControl({ url, user, password }: LinkConfig['control'], lane: number): Promise<NatsConnection> {
  return connect({
    servers: url,
    user,
    pass: password,
    name: `link-${lane}`,
    ignoreClusterUpdates: true,
    ignoreAuthErrorAbort: true,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
  });
}

async function logStatus(connection: NatsConnection): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') log.warn({ event: 'controlDisconnected' });
    else if (status.type === 'reconnect') log.info({ event: 'controlReconnected' });
    else if (status.type === 'error') log.error({ event: 'controlError', error: status.error.message });
  }
}

let status = 1;
try {
  status = await main(process.argv[2] ?? '');
} catch (error) {
  log.fatal({ event: 'failed', error: error instanceof Error ? error.message : String(error) });
}
// A connection that is still being tried would keep the process alive.
process.exit(status);
