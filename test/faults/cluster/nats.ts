import type { ServerKeys } from '../../../operator/nats/keys.ts';
import { eventually } from '../../support/deadline.ts';
import type { TestNatsServer } from '../../support/nats.ts';
import { type ClusterMember, testNatsCluster } from '../../support/nats-cluster.ts';
import { serverWith } from '../../support/nats-keys.ts';
import type { StageNats } from './stage.ts';

export interface OneServer extends StageNats {
  readonly server: TestNatsServer;
}

export async function oneServer(keys: ServerKeys): Promise<OneServer> {
  const server = await serverWith(keys);
  return { url: server.url, replicas: 1, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

export interface ThreeServers extends StageNats {
  readonly members: readonly ClusterMember[];
}

export async function threeServers(keys: ServerKeys): Promise<ThreeServers> {
  const cluster = await testNatsCluster(keys);
  const { members } = cluster;
  const url = members.map((member) => member.url).join(',');
  await healthy(members);
  return { url, replicas: 3, members, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

/** Waits until all members are up and have what the others stored. */
export async function healthy(members: readonly ClusterMember[]): Promise<void> {
  await eventually(60_000, 'all servers of the cluster', async () => {
    const states = await Promise.all(members.map((member) => member.isHealthy()));
    return states.every(Boolean) ? true : null;
  });
}
