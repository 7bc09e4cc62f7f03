import { once } from 'node:events';
import { createServer } from 'node:net';
import { z } from 'zod';
import type { ServerKeys } from '../../operator/nats/keys.ts';
import { authConfig } from '../../operator/nats/server-config.ts';
import { eventually } from './deadline.ts';
import { type TestNatsServer, testNatsServer, testUser } from './nats.ts';

export interface ClusterMember extends Pick<TestNatsServer, 'url' | 'kill' | 'restart'> {
  /** Connections of clients with this name, as the server sees them; none while it is down. */
  connections(name: string): Promise<number>;
  /** The clients' own ports of these. */
  clientPorts(name: string): Promise<readonly number[]>;
  /** Whether it is up, and has what the others stored. */
  isHealthy(): Promise<boolean>;
}

const count = 3;
const connectionsSchema = z.object({ connections: z.array(z.object({ name: z.string().optional(), port: z.int() })) });

/**
 * Three real NATS servers that gossip their addresses to clients, as those of a cluster do. With `keys` they trust these
 * alone and have a common JetStream, else they take the test user's login and have none.
 */
export async function testNatsCluster(
  keys?: ServerKeys,
): Promise<{ readonly members: readonly ClusterMember[] } & AsyncDisposable> {
  const trust = keys && { authorization: undefined, ...Object(JSON.parse(await authConfig(keys))) };
  const [routes, monitors] = [await freePorts(count), await freePorts(count)];
  await using cleanup = new AsyncDisposableStack();
  const start = async (route: number, index: number): Promise<ClusterMember> => {
    const settings = {
      server_name: `n${index}`,
      http: `127.0.0.1:${monitors[index]}`,
      cluster: {
        name: 'test',
        listen: `127.0.0.1:${route}`,
        routes: routes.map((port) => `nats://127.0.0.1:${port}`),
      },
      ...(trust ?? { jetstream: undefined }),
    };
    const server = cleanup.use(await testNatsServer(keys ? [] : [testUser], settings));
    const clientPorts = async (name: string) => {
      const answer = await fetch(`http://127.0.0.1:${monitors[index]}/connz`).catch(() => null);
      const { connections } = connectionsSchema.parse((await answer?.json()) ?? { connections: [] });
      return connections.filter((one) => one.name === name).map(({ port }) => port);
    };
    return {
      url: server.url,
      kill: () => server.kill(),
      restart: () => server.restart(),
      clientPorts,
      connections: async (name) => (await clientPorts(name)).length,
      async isHealthy() {
        const answer = await fetch(`http://127.0.0.1:${monitors[index]}/healthz`).catch(() => null);
        return answer?.ok ?? false;
      },
    };
  };
  const members = await Promise.all(routes.map(start));
  await eventually(20_000, 'the routes of the cluster', async () => {
    const known = await Promise.all(monitors.map(routesOf));
    return known.every((number) => number >= count - 1) ? true : null;
  });
  const owned = cleanup.move();
  return { members, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function routesOf(monitor: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${monitor}/routez`);
  const { routes } = z.object({ routes: z.array(z.object({ remote_id: z.string() })) }).parse(await answer.json());
  return new Set(routes.map(({ remote_id }) => remote_id)).size;
}

/** Ports that were free just now. */
async function freePorts(wanted: number): Promise<number[]> {
  const servers = Array.from({ length: wanted }, () => createServer().listen(0, '127.0.0.1'));
  return Promise.all(
    servers.map(async (server) => {
      if (!server.listening) await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
      server.close();
      await once(server, 'close');
      return address.port;
    }),
  );
}
