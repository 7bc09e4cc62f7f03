import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { experimentsPath } from '../../api/results/paths.ts';
import { clusterId, startLab } from '../../operator/experiment/testing/lab.ts';
import { keySecretData } from '../../operator/nats/key-secret.ts';
import { createKeys } from '../../operator/nats/keys.ts';
import { secrets, splitExperiments } from '../../operator/runtime/resources.ts';
import type { ControlPlane } from '../cluster/control-plane.ts';
import { freePort } from '../cluster/ports.ts';
import { startMachine } from '../faults/machine/machine.ts';
import { eventually } from '../support/deadline.ts';
import { serverWith } from '../support/nats-keys.ts';
import { startOperatorProcess } from '../support/operator-process.ts';

const namespace = 'default';
const keysSecret = 'splitlab-metrics-keys';
const startMs = 60_000;

/** An operator and an experiment that it runs on real workers, for as long as the scene lasts. */
export interface Scene extends AsyncDisposable {
  readonly experiment: string;
  /** Where each program shows its metrics, once all of them do. */
  ports(): Promise<Readonly<Record<'operator' | 'local' | 'remote' | 'link', number>>>;
}

const direction = { bandwidth: '50M', delay: '2ms' };
const fluid = (bandwidth: string) => ({
  transport: 'Fluid',
  uplink: { ...direction, bandwidth },
  downlink: { ...direction, bandwidth },
});

/** Visits that are accepted, others over a link that nothing can reach, and a receiver of spans that is away. */
function mixture(receiverPort: number) {
  return {
    model: { zoo: 'DigitsCnn' },
    input: { random: { seed: 1 } },
    cuts: { maxCount: 1 },
    baselines: ['LocalOnly', 'RemoteTensor'],
    links: [
      { name: 'good', type: 'Profile', profile: fluid('50M') },
      { name: 'never', type: 'Profile', profile: fluid('100G') },
    ],
    tolerance: { bandwidthPercent: '60', delay: '1s' },
    measurement: { warmup: 1, repetitions: 5, blocks: 400 },
    backoffLimit: 0,
    telemetry: { endpoint: `http://127.0.0.1:${receiverPort}` },
  };
}

export async function startScene(plane: ControlPlane): Promise<Scene> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-metrics-'));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const keys = createKeys();
  const nats = undo.use(await serverWith(keys));
  const { kubeconfig } = plane;
  const lab = undo.use(await startLab({ kubeconfig, natsUrl: nats.url, keys }));
  const key = { name: keysSecret, namespace };
  await lab.client.create(secrets, { metadata: key, stringData: await keySecretData(keys) });
  const machine = undo.use(await startMachine(lab.client, lab.pods));
  const config = {
    clusterId,
    nats: { url: nats.url, keysSecret },
    images: { cpu: 'cpu:1', cuda: 'cuda:1' },
    leaderElection: { namespace, leaseDurationSeconds: 15, renewDeadlineSeconds: 10, retryPeriodSeconds: 1 },
    resultsApi: { port: 0 },
    healthPort: 0,
  };
  const operator = await startOperatorProcess({ folder, kubeconfig, namespace, config });
  undo.defer(() => operator.kill());
  const port = await operator.healthPort;
  await operator.leads;
  // Nobody is let in, which is an answer too.
  await fetch(`http://127.0.0.1:${operator.resultsPort()}${experimentsPath(namespace)}`);

  const experiment = 'mixture';
  const { metadata } = await lab.apply(experiment, mixture(await freePort()));
  undo.defer(async () => {
    await lab.client.delete(splitExperiments, { namespace, name: experiment });
  });
  const running = (side: 'local' | 'remote', container: string) =>
    eventually(startMs, `${side}/${container} is ready`, async () => {
      const found = machine.running(metadata.uid, side, container);
      return found && (await found.ready) ? found.port : null;
    });
  const owned = undo.move();
  return {
    experiment,
    ports: async () => ({
      operator: port,
      local: await running('local', 'worker'),
      remote: await running('remote', 'worker'),
      link: await running('local', 'link'),
    }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
