import type { V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { credsAuthenticator } from 'nats';
import { apiVersion, kind } from '../../../api/manifest/manifest.ts';
import { findCondition } from '../../../api/status/conditions.ts';
import { type ExperimentStatus, readStatus } from '../../../api/status/status.ts';
import { type Side, subjects } from '../../../api/subjects.ts';
import { credentialIssuer, operatorCredentials } from '../../nats/credentials.ts';
import type { AccountKeys } from '../../nats/keys.ts';
import { operatorInbox } from '../../nats/permissions.ts';
import { labelKeys, managedBy } from '../../pod/labels.ts';
import { declareRetention } from '../../retention/declare.ts';
import { kubeConfigConnection } from '../../runtime/client/kube-config.ts';
import { systemClock } from '../../runtime/clock.ts';
import { connect } from '../../runtime/connect.ts';
import { Informer } from '../../runtime/informer/informer.ts';
import { type Logger, silentLogger } from '../../runtime/logger.ts';
import type { Stored } from '../../runtime/objects.ts';
import { pods as podResource, type SplitExperimentObject, splitExperiments } from '../../runtime/resources.ts';
import type { Wire } from '../../runtime/wire.ts';
import { connectStore } from '../../store-connection.ts';
import { noTracing, type Tracing } from '../../telemetry/tracing.ts';
import { cachedPod } from '../cached-pod.ts';
import type { Recorder } from '../context.ts';
import { runExperimentController } from '../controller.ts';
import type { Experiment } from '../experiment.ts';

type Pod = Stored<Wire<V1Pod>>;
export const clusterId = 'test-cluster';
const patienceMs = 30_000;

export interface LabOptions {
  readonly kubeconfig: string;
  readonly natsUrl: string;
  /** NATS servers that keep each message; default 1. */
  readonly replicas?: number;
  readonly keys: AccountKeys;
  readonly tracing?: Tracing;
  readonly logger?: Logger;
}

/** The controller at work on a real API server and NATS server; the test plays scheduler, kubelet and workers. */
export async function startLab(options: LabOptions) {
  const { kubeconfig, natsUrl, replicas = 1, keys, tracing = noTracing, logger = silentLogger } = options;
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  const client = await connect({ config: kubeConfigConnection(kubeConfig) });
  const credentials = await operatorCredentials(keys, clusterId);
  const stored = connectStore({
    url: natsUrl,
    replicas,
    authenticator: credsAuthenticator(new TextEncoder().encode(credentials)),
    inboxPrefix: operatorInbox(clusterId),
    logger: silentLogger,
  });
  const stop = new AbortController();
  const experiments = new Informer<SplitExperimentObject>(client, splitExperiments);
  const pods = new Informer<Wire<V1Pod>>(client, podResource, {
    labelSelector: `${labelKeys.managedBy}=${managedBy}`,
    transform: cachedPod,
  });
  const told: { readonly about: string; readonly reason: string; readonly message: string }[] = [];
  const recorder: Recorder = {
    event: ({ metadata }, _type, reason, message) => told.push({ about: metadata.name, reason, message }),
  };
  const running = [experiments.run(stop.signal), pods.run(stop.signal)];
  await Promise.all([experiments.synced(), pods.synced()]);
  let controller: { readonly stop: AbortController; readonly ended: Promise<void> } | null = null;

  const lab = {
    client,
    stored,
    experiments,
    pods,
    /** Reasons of the events of an experiment, in order. */
    told: (name: string) => told.filter(({ about }) => about === name).map(({ reason }) => reason),
    start(): void {
      const stopController = new AbortController();
      const options = {
        clusterId,
        client,
        experiments,
        pods,
        recorder,
        issuer: credentialIssuer(keys),
        images: { cpu: 'cpu:1', cuda: 'cuda:1', pullPolicy: 'IfNotPresent' as const },
        natsUrl,
        archive: stored.archive,
        store: stored.store,
        storeProblem: stored.problem,
        storeId: stored.id,
        onStoreChange: stored.onChange,
        declareRetention: async (
          scope: Parameters<typeof declareRetention>[1],
          about: Parameters<typeof declareRetention>[2],
        ) => {
          await declareRetention(stored, scope, about, new Date());
        },
        clock: systemClock,
        tracing,
        logger,
        concurrency: 4,
      };
      controller = { stop: stopController, ended: runExperimentController(options, stopController.signal) };
    },
    /** As a kill does: nothing of what it knew stays. */
    async stop(): Promise<void> {
      controller?.stop.abort();
      await controller?.ended;
      controller = null;
    },
    apply: (name: string, spec: Readonly<Record<string, unknown>>): Promise<Experiment> =>
      client.create(splitExperiments, { apiVersion, kind, metadata: { name, namespace: 'default' }, spec }),
    change: (name: string, spec: Readonly<Record<string, unknown>>): Promise<Experiment> =>
      client.patch(splitExperiments, { namespace: 'default', name }, { spec }),
    status(name: string): ExperimentStatus {
      return readStatus(experiments.get({ namespace: 'default', name })?.status);
    },
    reason(name: string, type: string): string | undefined {
      return findCondition(lab.status(name).conditions, type)?.reason;
    },
    message(name: string, type: string): string | undefined {
      return findCondition(lab.status(name).conditions, type)?.message;
    },
    podsOf: (experiment: Experiment): readonly Pod[] => pods.byIndex('owner', experiment.metadata.uid),
    names(experiment: Experiment) {
      const { uid, namespace = 'default' } = experiment.metadata;
      return subjects({ cluster: clusterId, namespace, uid });
    },
    /** Writes a pod's status as scheduler and kubelet do. */
    async setPod(name: string, status: Wire<V1PodStatus>): Promise<void> {
      await client.patch(podResource, { namespace: 'default', name }, { status }, { subresource: 'status' });
    },
    /** What the kubelet does when a pod's containers have ended after its deletion. */
    async finishPod(name: string): Promise<void> {
      await client.delete(podResource, { namespace: 'default', name }, { gracePeriodSeconds: 0 }).catch(() => {});
    },
    /** Waits until something holds of what the informers show. */
    async until<T>(what: string, look: () => T | null | undefined | false, ms = patienceMs): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const check = () => {
        const found = look();
        if (found !== null && found !== undefined && found !== false) resolve(found);
      };
      const handler = { onAdd: check, onUpdate: check, onDelete: check };
      const deaf = [experiments.addHandler(handler), pods.addHandler(handler)];
      const late = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
      check();
      try {
        return await promise;
      } finally {
        clearTimeout(late);
        for (const stopListening of deaf) stopListening();
      }
    },
    /** Waits for the pod of a side whose number is at least this. */
    pod: (experiment: Experiment, side: Side, podAttempt = 0): Promise<Pod> =>
      lab.until(`pod ${side} ${podAttempt}`, () =>
        lab
          .podsOf(experiment)
          .find(
            ({ metadata: { labels = {} } }) =>
              labels[labelKeys.side] === side && Number(labels[labelKeys.podAttempt]) === podAttempt,
          ),
      ),
    async [Symbol.asyncDispose]() {
      await lab.stop();
      stop.abort();
      await Promise.all(running);
      await stored[Symbol.asyncDispose]();
      await client.close();
    },
  };
  return lab;
}

export type Lab = Awaited<ReturnType<typeof startLab>>;
