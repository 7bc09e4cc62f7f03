/** Where one NATS server listens, and whether it is spoken to over TLS. */
export interface NatsServerAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

const defaultPort = 4222;

/** The servers of `nats://a:4222,tls://b:4222`, in that order; null where one of them is none. */
export function natsServers(url: string): readonly NatsServerAddress[] | null {
  const servers = url.split(',').map(readServer);
  return servers.every((server) => server !== null) ? servers : null;
}

function readServer(text: string): NatsServerAddress | null {
  const parsed = URL.parse(text.trim());
  if (!parsed || !['nats:', 'tls:'].includes(parsed.protocol) || parsed.hostname === '') return null;
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? defaultPort : Number(parsed.port),
    secure: parsed.protocol === 'tls:',
  };
}
