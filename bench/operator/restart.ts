import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment } from '../../operator/experiment/experiment.ts';
import { splitExperiments } from '../../operator/runtime/resources.ts';
import { openView } from '../../test/e2e/cluster/view.ts';
import { type Row, row } from '../row.ts';
import { auditFrom, isWrite, tally } from './audit.ts';
import { apply, experiment, forEach, names, playEnd, playStart, untilPods } from './experiments.ts';
import { makeSite, namespace, type Site } from './site.ts';

const count = Number(process.env.COUNT ?? 1000);
const visits = 2;
const settleMs = 15_000;

/** A new operator among a thousand experiments that are finished. */
export async function run(): Promise<Row[]> {
  await using site = await makeSite({ audit: true });
  await using view = await openView(site.plane.kubeconfig);
  const first = await site.start();
  const one = await apply(site, 'one');
  await playStart(site, view, one, visits);
  await playEnd(site, view, one, visits);
  await first.stop();
  await finish(site, await site.client.get(splitExperiments, { namespace, name: 'one' }), 'finished');
  // It stands behind all others in the operator's first list.
  const last = await apply(site, 'zz-last');
  const requests = await auditFrom(site.plane.auditLog ?? '', site.username);
  const operator = await site.start();
  await untilPods(view, last);
  const caughtUpMs = performance.now() - operator.startedMs;
  await delay(settleMs);
  const known = await operator.residentMB();
  const writes = (await requests()).filter((request) => isWrite(request) && request.resource !== 'leases');
  console.log(`after the restart: ${tally(writes)}`);
  const others = writes.filter((request) => !isAbout(request.name, last.metadata.name));
  await operator.stop();
  return [
    row(`start among ${count} finished: to the pods of one applied meanwhile`, caughtUpMs / 1000, 's', '<=', 5),
    row('its writes about others, and not to its lease', others.length, '', '<=', 0),
    row(`operator, ${count} finished experiments: resident memory`, known, 'MB', '<=', 250),
  ];
}

/** Gives experiments that nobody works on the status of one that has ended. */
async function finish({ client }: Site, { status }: Experiment, prefix: string): Promise<void> {
  await forEach(names(prefix, count), 8, async (name) => {
    await client.create(splitExperiments, experiment(name));
    await client.patch(splitExperiments, { namespace, name }, { status }, { subresource: 'status' });
  });
}

/** Whether an object of this name is the experiment's, or tells of it. */
function isAbout(name: string, experiment: string): boolean {
  return name === experiment || name.startsWith(`${experiment}-`) || name.startsWith(`${experiment}.`);
}
