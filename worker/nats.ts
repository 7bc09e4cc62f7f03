import { readFileSync } from 'node:fs';
import { type ConnectionOptions, credsAuthenticator } from 'nats';
import { type NatsServerAddress, natsServers } from '../api/nats-url.ts';
import type { NatsConfig } from '../api/worker-config.ts';

/** How one connection differs from the configured way to NATS. */
export interface Detour {
  /** Port of the link emulator on this host, which leads to the same server. */
  readonly emulatorPort?: number | undefined;
}

/** The servers of a configuration, at least one. Throws RangeError for an address that is none. */
export function serversOf({ url }: NatsConfig): readonly [NatsServerAddress, ...NatsServerAddress[]] {
  const [first, ...others] = natsServers(url) ?? [];
  if (!first) throw new RangeError('the address of NATS is none: write nats://HOST:PORT');
  return [first, ...others];
}

/**
 * The client's options for addresses, login and TLS. A credentials file is read at each connect, since it may have been
 * renewed. Through the emulator the server's certificate is still checked against the server's own name.
 */
export function clientOptions(config: NatsConfig, { emulatorPort }: Detour = {}): ConnectionOptions {
  const servers = serversOf(config);
  const [{ host }] = servers;
  return {
    servers: emulatorPort === undefined ? servers.map(address) : `127.0.0.1:${emulatorPort}`,
    ...(servers.some((server) => server.secure) && tlsOptions(emulatorPort === undefined ? null : host)),
    ...('user' in config
      ? { user: config.user, pass: config.password }
      : { authenticator: credsAuthenticator(() => readFileSync(config.credentialsFile)) }),
    // Gossiped addresses would lead around the emulator, and out of what the configuration names.
    ignoreClusterUpdates: true,
  };
}

function address({ host, port }: NatsServerAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function tlsOptions(servername: string | null): Pick<ConnectionOptions, 'tls'> {
  // The client hands its TLS options to Node, which knows this one; the client's own type does not list it.
  const tls: NonNullable<ConnectionOptions['tls']> & { servername?: string } =
    servername === null ? {} : { servername };
  return { tls };
}
