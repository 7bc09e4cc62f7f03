// Everything of the cluster version but the nodes, as real processes: what is killed, cut off or restarted comes back,
// and the experiment ends as if nothing had been.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { shuffle } from '../../api/random.ts';
import { TcpProxy } from '../../operator/runtime/testing/tcp-proxy.ts';
import { eventually, within } from '../support/deadline.ts';
import { type Fault, faults } from './cluster/faults.ts';
import { oneServer } from './cluster/nats.ts';
import { faultTests, full } from './cluster/stage.ts';

const faultTest = await faultTests(oneServer);
const seeds = full ? Array.from({ length: 10 }, (_, index) => index + 1) : [1];

for (const seed of seeds) {
  faultTest('each process is killed once', { seed, blocks: full ? 40 : 20, repetitions: 20 }, async (scene) => {
    const { random, context } = scene;
    const replica = await scene.operator();
    let seen = 0;
    for (const [name, fault] of shuffle<[string, Fault]>(Object.entries(faults), random)) {
      seen += 1 + random.below(2);
      await scene.records(seen);
      assert.ok(!scene.isOver(), `the experiment was over before the ${name} was killed`);
      // The moment within the visit that comes next.
      await delay(random.below(300));
      context.diagnostic(`${name} is killed after ${await scene.stored()} records`);
      await fault(scene, replica);
      seen = (await scene.stored()) ?? seen;
    }
  });
}

const kills = 50;
faultTest(
  `the operator is killed ${kills} times at random moments`,
  { seed: 11, blocks: 100, repetitions: 60, onlyFull: true },
  async (scene) => {
    const { random, context } = scene;
    const replica = await scene.operator();
    let [leading, before] = [0, 0];
    for (let kill = 0; kill < kills; kill++) {
      // Two thirds of the moments are the leader's; the others are anywhere between a process's start and its lead.
      if (random.below(3) > 0) {
        await replica.current.leads;
        leading++;
      }
      await delay(random.below(1_500));
      if (!scene.isOver()) before++;
      await replica.kill();
    }
    context.diagnostic(`${leading} times while leading, ${before} times before the end of the experiment`);
    assert.ok(before > kills / 2, 'most kills are during the experiment');
  },
);

for (const seed of [21, 22, 23, 24, 25]) {
  faultTest(
    'the operator is killed whenever it leads, until a short experiment is over',
    { seed, blocks: 1, repetitions: 3, onlyFull: true },
    async (scene) => {
      const replica = await scene.operator();
      for (let kill = 0; kill < 8 && !scene.isOver(); kill++) {
        await replica.current.leads;
        await delay(scene.random.below(300));
        await replica.kill();
      }
    },
  );
}

for (const seed of [31, 32, 33]) {
  const options = { seed, blocks: 12, repetitions: 20, onlyFull: true };
  faultTest('a leader that is cut off is replaced', options, async (scene) => {
    const { plane, folder, context } = scene;
    await using proxy = await TcpProxy.start(new URL(plane.server));
    const throughProxy = join(folder, 'cut.kubeconfig');
    const kubeconfig = await readFile(plane.kubeconfig, 'utf8');
    await writeFile(throughProxy, kubeconfig.replaceAll(plane.server, proxy.url.origin), { mode: 0o600 });
    const first = await scene.operator('operator-0', throughProxy);
    await first.current.leads;
    const second = await scene.operator('operator-1');
    const [old, other] = [first.current, second.current];
    await scene.records(1 + scene.random.below(4));
    proxy.silence();
    const { status } = await within(30_000, 'the end of the leader', old.ended);
    assert.equal(status, 1);
    await within(30_000, 'another leader', other.leads);
    const at = async (log: typeof old.log, message: string) =>
      eventually(5_000, message, async () => log.find(({ msg }) => msg === message)?.time ?? null);
    const stopped = Number(await at(old.log, 'stopped leading'));
    const started = Number(await at(other.log, 'started leading'));
    context.diagnostic(`${started - stopped} ms without a leader`);
    assert.ok(stopped <= started, 'the first stops before the second starts');
  });
}
