import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom, shuffle } from '../../api/random.ts';
import { footprint, leftNothing, startCommand, temporaryFolder } from '../support/command.ts';
import { firstRecords } from '../support/follow.ts';
import { manifestText } from '../support/manifest.ts';
import { killed, runProcesses } from '../support/processes.ts';
import { assertComplete, recordsOf } from '../support/results.ts';

const full = process.env.SPLITLAB_TEST_FULL === '1';
const seeds = full ? Array.from({ length: 10 }, (_, index) => index + 1) : [1];
const manifest = manifestText({ measurement: { warmup: 1, repetitions: 3, blocks: 3 } });
const visits = 3 * 4;

for (const seed of seeds) {
  test(`every process of a run is killed once and the run completes, seed ${seed}`, async () => {
    const random = seededRandom(seed);
    await using folder = await temporaryFolder();
    const output = join(folder.path, 'out');
    const { finished } = startCommand(['run', '-', '--output', output], { folder: folder.path, stdin: manifest });
    let seen = 0;
    for (const name of shuffle(runProcesses, random)) {
      seen += 1 + random.below(2);
      await firstRecords(output, seen);
      // The moment within the visit that comes next.
      await delay(random.below(200));
      await killed(output, name);
    }
    const before = await footprint(output);
    const { status, stderr } = await finished;
    assert.equal(status, 0, stderr);
    for (const name of runProcesses)
      assert.match(stderr, new RegExp(`${name} ended \\(SIGKILL\\) and is started again`));
    assertComplete(await recordsOf(output), visits);
    await leftNothing(output, before);
  });
}
