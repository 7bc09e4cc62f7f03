import { Client } from './client/client.ts';
import type { ConnectionConfig } from './client/credentials.ts';
import { inClusterConnection, isInCluster } from './client/in-cluster.ts';
import type { RequestMetrics } from './client/metrics.ts';
import { Transport } from './client/transport.ts';
import { type Clock, systemClock } from './clock.ts';

export interface ConnectOptions {
  /** Absent: the service account in a pod, elsewhere what kubectl would use. */
  readonly config?: ConnectionConfig;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Requests under way at once; watches come on top. */
  readonly connections?: number;
  readonly userAgent?: string;
  readonly metrics?: RequestMetrics;
}

/** How this process reaches the API server. Throws ConnectionConfigError. */
export async function loadConnection(): Promise<ConnectionConfig> {
  if (isInCluster() && !process.env.KUBECONFIG) return await inClusterConnection();
  // client-node takes 80 MB of memory as soon as it is loaded, which a pod does without.
  const { loadKubeConfig } = await import('./client/kube-config.ts');
  return loadKubeConfig();
}

/** A client of the API server; nothing is sent until the first call. Throws ConnectionConfigError. */
export async function connect(options: ConnectOptions = {}): Promise<Client> {
  const { clock = systemClock, random = Math.random, connections = 16, userAgent = 'splitlab', metrics } = options;
  const config = options.config ?? (await loadConnection());
  return new Client(
    new Transport({ config, clock, random, connections, userAgent, ...(metrics && { metrics }) }),
    clock,
  );
}
