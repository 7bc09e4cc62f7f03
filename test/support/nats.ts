import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NatsServer, type NatsUser, startNatsServer } from '../../cli/nats-server.ts';

/** The login of a test's server that may do everything. */
export const testUser = { user: 'test', password: 'test' } as const satisfies NatsUser;

export interface TestNatsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** The server that runs now. */
  readonly server: NatsServer;
  /** Options for the client's `connect`, with {@link testUser}'s login. */
  readonly connection: { readonly servers: string; readonly user: string; readonly pass: string };
  /** Kills the server as a crash would and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same store. */
  restart(): Promise<void>;
}

/**
 * A real NATS server with JetStream in a temporary folder; disposing stops it and removes the folder. `settings` are
 * further ones of its configuration.
 */
export async function testNatsServer(
  users: readonly NatsUser[] = [testUser],
  settings: Readonly<Record<string, unknown>> = {},
): Promise<TestNatsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-nats-'));
  const first = await startNatsServer({ folder, users, settings });
  let server = first;
  return {
    url: first.url,
    port: first.port,
    folder,
    get server() {
      return server;
    },
    connection: { servers: first.url, user: testUser.user, pass: testUser.password },
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
    },
    async restart() {
      server = await startNatsServer({ folder, users, settings, port: first.port });
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
