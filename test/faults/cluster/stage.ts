import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Random, seededRandom } from '../../../api/random.ts';
import type { Experiment } from '../../../operator/experiment/experiment.ts';
import { clusterId, type Lab, startLab } from '../../../operator/experiment/testing/lab.ts';
import { keySecretData } from '../../../operator/nats/key-secret.ts';
import { createKeys, type ServerKeys } from '../../../operator/nats/keys.ts';
import { secrets } from '../../../operator/runtime/resources.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { withControlPlane } from '../../cluster/testing.ts';
import { leftNothing } from '../../support/command.ts';
import { eventually } from '../../support/deadline.ts';
import { smallSpec } from '../../support/manifest.ts';
import { planOf } from '../../support/plan.ts';
import { nothingLeft } from '../leftovers.ts';
import { type Machine, startMachine } from '../machine/machine.ts';
import { assertWhole } from '../outcome.ts';
import { type Replica, startReplica } from './replica.ts';
import { watchStatus } from './witness.ts';

/** NATS as a stage has it: one server, or several. */
export interface StageNats extends AsyncDisposable {
  readonly url: string;
  readonly replicas: 1 | 3;
}

/** What the tests of one file share: a control plane, NATS, and a machine that plays the node. */
export interface Stage<N extends StageNats> {
  readonly plane: ControlPlane;
  readonly nats: N;
  readonly lab: Lab;
  readonly machine: Machine;
  readonly folder: string;
}

/** One experiment and what may befall it. */
export interface Scene<N extends StageNats> extends Stage<N> {
  readonly random: Random;
  readonly context: TestContext;
  readonly experiment: Experiment;
  /** Visits of the plan. */
  readonly total: number;
  /** Starts a replica of the operator, with `kubeconfig` another than the administrator's. */
  operator(name?: string, kubeconfig?: string): Promise<Replica>;
  /** Number of records that are stored; null while the store is away. */
  stored(): Promise<number | null>;
  /** Waits until as many records are stored. */
  records(count: number): Promise<void>;
  isOver(): boolean;
}

export interface FaultTest {
  readonly seed: number;
  readonly blocks: number;
  /** Of each visit. */
  readonly repetitions: number;
  /** Left out in a normal run: it takes minutes. */
  readonly onlyFull?: boolean;
}

const namespace = 'default';
const keysSecret = 'splitlab-keys';
const patienceMs = 180_000;
/** Whether all faults are to be tested, and often. */
export const full = process.env.SPLITLAB_TEST_FULL === '1';

export type FaultTester<N extends StageNats> = (
  name: string,
  options: FaultTest,
  body: (scene: Scene<N>) => Promise<void>,
) => void;

/** Gives what makes tests on one stage, which is set up with the first of them. */
export async function faultTests<N extends StageNats>(
  startNats: (keys: ServerKeys) => Promise<N>,
): Promise<FaultTester<N>> {
  const { skip, plane } = await withControlPlane({ crds: 'crds', controllers: true });
  return (name, options, body) => {
    if (options.onlyFull && !full) return;
    const timeout = full ? 1_200_000 : 240_000;
    test(`${name}, seed ${options.seed}`, { skip, timeout }, async (context) => {
      context.diagnostic(`seed ${options.seed}`);
      await using stage = await raise(plane(), startNats);
      await runScene(stage, context, options, body);
    });
  };
}

async function raise<N extends StageNats>(
  plane: ControlPlane,
  startNats: (keys: ServerKeys) => Promise<N>,
): Promise<Stage<N> & AsyncDisposable> {
  await using undo = new AsyncDisposableStack();
  const keys = createKeys();
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-faults-'));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const nats = undo.use(await startNats(keys));
  const { kubeconfig } = plane;
  const lab = undo.use(await startLab({ kubeconfig, natsUrl: nats.url, replicas: nats.replicas, keys }));
  const key = { name: keysSecret, namespace };
  await lab.client.create(secrets, { metadata: key, stringData: await keySecretData(keys) });
  undo.defer(() => lab.client.delete(secrets, key));
  const machine = undo.use(await startMachine(lab.client, lab.pods));
  const owned = undo.move();
  return { plane, nats, lab, machine, folder, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function runScene<N extends StageNats>(
  stage: Stage<N>,
  context: TestContext,
  { seed, blocks, repetitions }: FaultTest,
  body: (scene: Scene<N>) => Promise<void>,
): Promise<void> {
  const { lab, machine, plane, nats } = stage;
  const spec = { ...smallSpec, backoffLimit: 20, measurement: { warmup: 1, repetitions, blocks } };
  const plan = await planOf(spec);
  const name = `faults-${seed}`;
  const experiment = await lab.apply(name, spec);
  const { uid } = experiment.metadata;
  const names = lab.names(experiment);
  const { archive } = lab.stored;
  using witness = watchStatus(lab.experiments, uid);
  await using replicas = new AsyncDisposableStack();

  const stored = async () => {
    try {
      let count = 0;
      for await (const _ of archive.scan('records', names.allRecords)) count++;
      return count;
    } catch {
      return null;
    }
  };
  const isOver = () => lab.status(name).completionTime !== undefined;
  const scene: Scene<N> = {
    ...stage,
    random: seededRandom(seed),
    context,
    experiment,
    total: plan.visits.length,
    async operator(replica = 'operator-0', kubeconfig = plane.kubeconfig) {
      const config = {
        clusterId,
        nats: { url: nats.url, keysSecret, replicas: nats.replicas },
        images: { cpu: 'cpu:1', cuda: 'cuda:1' },
        leaderElection: { namespace, leaseDurationSeconds: 3, renewDeadlineSeconds: 2, retryPeriodSeconds: 1 },
        resultsApi: { port: 0 },
        healthPort: 0,
        // Whatever is purged too early would be missed at the end.
        purge: { graceSeconds: 1, intervalSeconds: 1 },
      };
      return replicas.use(await startReplica({ folder: stage.folder, kubeconfig, namespace, name: replica, config }));
    },
    stored,
    async records(count) {
      await eventually(patienceMs, `${count} records`, async () =>
        ((await stored()) ?? 0) >= Math.min(count, scene.total) ? true : null,
      );
    },
    isOver,
  };

  const remove = () => plane.kubectl(['delete', 'splitx', name, '--wait=false', '--ignore-not-found']);
  try {
    await body(scene);
    await assertEnd();
  } catch (error) {
    const { conditions, lanes, visits } = lab.status(name);
    context.diagnostic(JSON.stringify({ conditions, lanes, visits, made: [...machine.made.keys()] }, null, 2));
    await remove();
    throw error;
  }

  async function assertEnd(): Promise<void> {
    await lab.until('the end of the experiment', isOver, patienceMs);
    await lab.until('its pods go', () => lab.podsOf(experiment).length === 0, patienceMs);
    const records = await assertWhole({ archive, names }, lab.status(name), { plan, repetitions });
    witness.assertOnlyForward();
    for (const [pod, times] of machine.made) assert.equal(times, 1, `${pod} was made once`);
    await leftNothing(machine.folder);
    const more = records.length - plan.visits.length;
    context.diagnostic(`${plan.visits.length} visits, ${more} attempts besides; ${machine.made.size} pods`);

    await remove();
    await nothingLeft(lab.client, { namespace, name }, { archive, names });
  }
}
