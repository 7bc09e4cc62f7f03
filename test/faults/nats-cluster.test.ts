// An experiment on a NATS cluster of three servers, of which each comes and goes.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { linkContainer, workerContainer } from '../../operator/pod/environment.ts';
import { eventually } from '../support/deadline.ts';
import { connectedPorts } from '../support/processes.ts';
import { healthy, type ThreeServers, threeServers } from './cluster/nats.ts';
import { faultTests, full, type Scene } from './cluster/stage.ts';

const faultTest = await faultTests(threeServers);
const dataConnection = 'local-0-data';
const lookMs = 100;

const rounds = full ? 8 : 1;

for (const seed of full ? [41, 42, 43] : [41]) {
  const options = { seed, blocks: 6 + 4 * rounds, repetitions: 20 };
  faultTest('servers of a NATS cluster come and go', options, async (scene) => {
    const { nats, random, context } = scene;
    const { members } = nats;
    await scene.operator();
    await scene.records(1);
    await using ways = watchWays(scene);
    for (let round = 0; round < rounds; round++) {
      const used = await busiest(nats);
      // The one that the data goes through, and sometimes another one with it, so that nobody can write.
      const gone = round % 4 === 3 ? [used, (used + 1) % members.length] : [used];
      for (const index of gone) await members[index]?.kill();
      // Where a majority is left, the data finds another way, and goes on with it, before the member is back.
      if (gone.length === 1) await eventually(20_000, 'another way', async () => scene.isOver() || (await isLed(nats)));
      await delay(random.below(1_500));
      for (const index of gone) await members[index]?.restart();
      await healthy(members);
      await scene.records(((await scene.stored()) ?? 0) + (scene.isOver() ? 0 : 1));
    }
    const { around, through } = await ways.seen();
    context.diagnostic(`data was seen to go through the emulator to servers ${[...through].sort().join(', ')}`);
    assert.deepEqual(around, [], 'no data connection goes around the emulator');
    assert.ok(through.size > 1, 'the emulator led to another server when one had gone');
  });
}

/** Index of the member that has the data connection, else of any that is there. */
async function busiest({ members }: ThreeServers): Promise<number> {
  const counts = await Promise.all(members.map((member) => member.connections(dataConnection)));
  return Math.max(0, counts.indexOf(Math.max(...counts)));
}

/** Whether some member has the data connection; null where none has. */
async function isLed({ members }: ThreeServers): Promise<true | null> {
  const counts = await Promise.all(members.map((member) => member.connections(dataConnection)));
  return counts.some((count) => count > 0) || null;
}

interface Ways {
  /** What led straight to a server, and which servers the emulator led to. */
  readonly around: readonly string[];
  readonly through: ReadonlySet<number>;
}

/** Looks again and again whose sockets the data connections at each server are. */
function watchWays(scene: Scene<ThreeServers>): { seen(): Promise<Ways> } & AsyncDisposable {
  const { machine, experiment, nats } = scene;
  const stop = new AbortController();
  const around: string[] = [];
  const through = new Set<number>();
  const portsOf = async (container: string) => {
    const pid = machine.running(experiment.metadata.uid, 'local', container)?.child.pid;
    return new Set(pid === undefined ? [] : await connectedPorts(pid));
  };
  const look = async () => {
    for (const [index, member] of nats.members.entries()) {
      const ports = await member.clientPorts(dataConnection);
      const [worker, link] = await Promise.all([portsOf(workerContainer), portsOf(linkContainer)]);
      for (const port of ports) {
        if (worker.has(port)) around.push(`${dataConnection} at server ${index}`);
        if (link.has(port)) through.add(index);
      }
    }
  };
  const looking = (async () => {
    while (!stop.signal.aborted) {
      await look();
      await delay(lookMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  })();
  const end = async () => {
    stop.abort();
    await looking;
  };
  return {
    async seen() {
      await end();
      return { around, through };
    },
    [Symbol.asyncDispose]: end,
  };
}
