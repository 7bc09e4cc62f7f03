import type { V1Pod } from '@kubernetes/client-node';
import type { ExperimentScope } from '../api/subjects.ts';
import { observeProcess } from '../meters/process.ts';
import { contentType, prometheusText } from '../meters/prometheus.ts';
import { Registry } from '../meters/registry.ts';
import type { OperatorConfig } from './config.ts';
import { cachedPod } from './experiment/cached-pod.ts';
import type { RetentionDeclaration } from './experiment/context.ts';
import { runExperimentController } from './experiment/controller.ts';
import { startHealthServer } from './health.ts';
import { observeExperiments } from './metrics/experiments.ts';
import { reportsTo } from './metrics/report.ts';
import { operatorResource } from './metrics/resource.ts';
import { natsCredentials } from './nats/configured.ts';
import { operatorInbox } from './nats/permissions.ts';
import { labelKeys, managedBy } from './pod/labels.ts';
import { reached } from './reached.ts';
import { declareRetention } from './retention/declare.ts';
import { purgeOrphans } from './retention/purge.ts';
import type { Client } from './runtime/client/client.ts';
import type { ConnectionConfig } from './runtime/client/credentials.ts';
import { systemClock } from './runtime/clock.ts';
import { connect } from './runtime/connect.ts';
import { LeaderElection } from './runtime/election/leader-election.ts';
import { EventRecorder } from './runtime/events/recorder.ts';
import { Informer } from './runtime/informer/informer.ts';
import type { Logger } from './runtime/logger.ts';
import { namespaces, pods as podResource, type SplitExperimentObject, splitExperiments } from './runtime/resources.ts';
import { runAll } from './runtime/run-all.ts';
import type { Wire } from './runtime/wire.ts';
import { connectStore } from './store-connection.ts';
import { noTracing, type Tracing } from './telemetry/tracing.ts';
import { startResultsApi } from './web/serve.ts';

export interface OperatorOptions {
  readonly config: OperatorConfig;
  /** The operator's own namespace. */
  readonly namespace: string;
  /** Name of this replica. */
  readonly instance: string;
  /** Absent: as in a pod, or what kubectl would use. */
  readonly connection?: ConnectionConfig;
  /** Absent: nobody wants to know. */
  readonly tracing?: Tracing;
  readonly logger: Logger;
  /** Where metrics are kept; absent: in one of its own, for `/metrics` alone. */
  readonly registry?: Registry;
  readonly signal: AbortSignal;
  /** Called with the ports once all servers listen. */
  readonly onListening?: (ports: { readonly health: number; readonly results: number }) => void;
}

/**
 * Runs one replica of the operator until `signal` aborts: it answers for results, and works on experiments while it leads.
 * Gives whether it stopped, or lost its leadership, after which the process has to end.
 */
export async function runOperator(options: OperatorOptions): Promise<'Stopped' | 'Lost'> {
  const { config, namespace, instance, connection, tracing = noTracing, logger, signal } = options;
  const clock = systemClock;
  const registry = options.registry ?? new Registry(operatorResource({ namespace, instance }));
  const reports = reportsTo(registry, { tls: config.resultsApi.tls !== undefined });
  observeProcess(registry);
  await using client = await connect({ ...(connection && { config: connection }), metrics: reports.requests });
  const experiments = new Informer<SplitExperimentObject>(client, splitExperiments, {
    logger,
    metrics: reports.informers,
  });
  const pods = new Informer<Wire<V1Pod>>(client, podResource, {
    labelSelector: `${labelKeys.managedBy}=${managedBy}`,
    transform: cachedPod,
    logger,
    metrics: reports.informers,
  });
  const servers = new AbortController();
  const health = await startHealthServer(
    config.healthPort,
    () => experiments.hasSynced && pods.hasSynced,
    servers.signal,
    { '/metrics': { contentType, text: () => prometheusText(registry.snapshot()) } },
  );
  try {
    const clusterId = config.clusterId ?? (await reached(() => uidOfCluster(client), { logger, signal }));
    const { issuer, authenticator } = await reached(() => natsCredentials(client, config, { namespace, clusterId }), {
      logger,
      signal,
    });
    const { url, replicas } = config.nats;
    const inboxPrefix = operatorInbox(clusterId);
    await using stored = connectStore({
      url,
      replicas,
      authenticator,
      inboxPrefix,
      logger,
      onReconnect: reports.natsReconnected,
    });
    const { archive, store } = stored;
    const results = await startResultsApi({
      client,
      experiments,
      archive,
      store,
      clusterId,
      config: { port: config.resultsApi.port, ...(config.resultsApi.tls && { tls: config.resultsApi.tls }) },
      logger,
      clock,
      metrics: reports.results,
      signal: servers.signal,
    });
    options.onListening?.({ health: health.port, results: results.port });

    const lead = async (leading: AbortSignal) => {
      const fenced = client.withFence(() => election.assertLeader());
      const recorder = new EventRecorder({ client: fenced, component: 'splitlab-operator', instance, clock, logger });
      reports.observeEvents(() => recorder.statistics());
      await runAll(
        leading,
        (until) => recorder.run(until),
        (until) => runExperimentController({ ...work, client: fenced, recorder }, until),
        (until) =>
          purgeOrphans({
            client,
            experiments,
            archive,
            clusterId,
            graceMs: config.purge.graceSeconds * 1000,
            intervalMs: config.purge.intervalSeconds * 1000,
            clock,
            logger,
            signal: until,
          }),
      );
    };
    const work = {
      clusterId,
      experiments,
      pods,
      issuer,
      images: config.images,
      natsUrl: config.nats.workerUrl ?? config.nats.url,
      archive,
      store,
      storeProblem: stored.problem,
      storeId: stored.id,
      onStoreChange: stored.onChange,
      async declareRetention(scope: ExperimentScope, about: RetentionDeclaration) {
        await declareRetention(stored, scope, about, clock.wall());
      },
      clock,
      tracing,
      logger,
      metrics: reports.controller,
      concurrency: config.concurrency,
    };
    const { leaderElection: times } = config;
    const election = new LeaderElection({
      client,
      lease: { namespace: times.namespace ?? namespace, name: times.name },
      leaseDurationMs: times.leaseDurationSeconds * 1000,
      renewDeadlineMs: times.renewDeadlineSeconds * 1000,
      retryPeriodMs: times.retryPeriodSeconds * 1000,
      onStartedLeading: lead,
      onNewLeader: (identity) => logger.info({ identity }, 'there is a leader'),
      clock,
      logger,
    });
    observeExperiments(
      registry,
      () => experiments.list(),
      () => election.isLeader,
    );
    let outcome: 'Stopped' | 'Lost' = 'Stopped';
    await runAll(
      signal,
      (until) => experiments.run(until),
      (until) => pods.run(until),
      async (until) => {
        outcome = await election.run(until);
      },
    );
    servers.abort();
    await results.closed;
    return outcome;
  } catch (error) {
    // Asked to stop before it could start.
    if (signal.aborted && error === signal.reason) return 'Stopped';
    throw error;
  } finally {
    servers.abort();
    await health.closed;
  }
}

/** The namespace kube-system is as old as its cluster, and no other has its UID. */
async function uidOfCluster(client: Client): Promise<string> {
  const { metadata } = await client.get(namespaces, { name: 'kube-system' });
  return metadata.uid;
}
