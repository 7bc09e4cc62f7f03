import { connect, credsAuthenticator, type NatsConnection } from 'nats';
import type { ServerKeys } from '../../operator/nats/keys.ts';
import { authConfig } from '../../operator/nats/server-config.ts';
import { type TestNatsServer, testNatsServer } from './nats.ts';

/** A real NATS server that trusts these keys alone. */
export async function serverWith(keys: ServerKeys): Promise<TestNatsServer> {
  const trust: unknown = JSON.parse(await authConfig(keys));
  return testNatsServer([], { authorization: undefined, ...Object(trust) });
}

/** A connection with the text of a credentials file; it does not connect again. */
export function connectWith(server: TestNatsServer, credentials: string, inboxPrefix: string): Promise<NatsConnection> {
  const authenticator = credsAuthenticator(new TextEncoder().encode(credentials));
  return connect({ servers: server.url, authenticator, inboxPrefix, reconnect: false });
}
