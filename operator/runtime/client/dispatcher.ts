import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { TlsMaterial } from './credentials.ts';
import { ConnectionConfigError } from './errors.ts';

export interface DispatcherOptions {
  readonly server: URL;
  readonly proxy: URL | null;
  readonly tls: TlsMaterial;
  /** How many connections may be open at once; null for as many as there are requests. */
  readonly connections: number | null;
}

/** Lets kernel probes find a peer that vanished: after 30 s of silence, every second, ten times. */
const keepAliveProbes = { keepAlive: true, keepAliveInitialDelay: 30_000 };
const connectTimeoutMs = 10_000;

/**
 * Opens a pool of connections to the API server. HTTP/1.1: a watch has a connection of its own, so a large list never
 * holds up its events.
 */
export function openDispatcher({ server, proxy, tls, connections }: DispatcherOptions): Dispatcher {
  const shared = {
    connections,
    allowH2: false,
    // The server ends idle connections after 90 s; who closes first never writes into a closed one.
    keepAliveTimeout: 60_000,
    // Set per request.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const requestTls = { ...tls, ...keepAliveProbes, timeout: connectTimeoutMs };
  if (proxy === null) return new Agent({ ...shared, connect: requestTls });
  if (proxy.protocol === 'http:' || proxy.protocol === 'https:') {
    return new ProxyAgent({
      ...shared,
      uri: proxy.href,
      requestTls,
      proxyTls: { ...keepAliveProbes, timeout: connectTimeoutMs },
    });
  }
  // undici's SOCKS is an experiment, which fails where the server is an IP address.
  throw new ConnectionConfigError(
    `proxy ${proxy.protocol}//${proxy.host} for ${server.host}: http and https proxies are supported`,
  );
}
