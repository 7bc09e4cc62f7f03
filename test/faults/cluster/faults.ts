import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Side } from '../../../api/subjects.ts';
import { linkContainer, workerContainer } from '../../../operator/pod/environment.ts';
import { eventually } from '../../support/deadline.ts';
import type { OneServer } from './nats.ts';
import type { Replica } from './replica.ts';
import type { Scene } from './stage.ts';

type OneServerScene = Scene<OneServer>;

/** What may befall an experiment; each leaves everything as it would be without anybody's help. */
export type Fault = (scene: OneServerScene, replica: Replica) => Promise<void>;

const longestOutageMs = 2_000;
const restartMs = 60_000;

export const faults = {
  operator: (_scene, replica) => replica.kill(),
  async 'API server'({ plane, random }) {
    await plane.killApiServer();
    await delay(random.below(longestOutageMs));
    await plane.startApiServer();
  },
  async 'NATS server'({ nats: { server }, random }) {
    await server.kill();
    await delay(random.below(longestOutageMs));
    await server.restart();
  },
  'local worker': (scene) => killContainer(scene, 'local', workerContainer),
  'remote worker': (scene) => killContainer(scene, 'remote', workerContainer),
  'link emulator': (scene) => killContainer(scene, 'local', linkContainer),
} as const satisfies Record<string, Fault>;

/** Kills a container's process and waits until another one runs in its place. */
async function killContainer({ machine, experiment }: OneServerScene, side: Side, name: string): Promise<void> {
  const running = () => machine.running(experiment.metadata.uid, side, name)?.child;
  const child = await eventually(restartMs, `${side} ${name}`, async () => running() ?? null);
  assert.ok(child.kill('SIGKILL'), `${side} ${name} was running`);
  await eventually(restartMs, `another ${side} ${name}`, async () => {
    const now = running();
    return now !== undefined && now !== child ? true : null;
  });
}
