import { setTimeout as delay } from 'node:timers/promises';
import { openView } from '../../test/e2e/cluster/view.ts';
import { eventually } from '../../test/support/deadline.ts';
import { type Row, row } from '../row.ts';
import { median } from '../statistics.ts';
import { auditFrom, isWrite, tally } from './audit.ts';
import { apply, names, playEnd, playStart, untilPods } from './experiments.ts';
import { makeSite, namespace } from './site.ts';

const [applies, resting, visits] = [20, 10, 8];
const settleMs = 10_000;
const minuteMs = 60_000;

/** One experiment after another: memory, times, and requests as the API server counts them. */
export async function run(): Promise<Row[]> {
  await using site = await makeSite({ audit: true });
  await using view = await openView(site.plane.kubeconfig);
  const operator = await site.start();
  await delay(settleMs);
  const idle = await operator.residentMB();

  const timesMs: number[] = [];
  for (const name of names('timed', applies)) {
    const sinceMs = performance.now();
    await untilPods(view, await apply(site, name));
    timesMs.push(performance.now() - sinceMs);
  }

  const requests = await auditFrom(site.plane.auditLog ?? '', site.username);
  await delay(settleMs);
  await requests();
  const whole = await apply(site, 'whole');
  await playStart(site, view, whole, visits);
  await playEnd(site, view, whole, visits);
  await untilToldOf(view.events, 'whole', 'Completed');
  const own = (await requests()).filter(({ resource }) => resource !== 'leases');
  const writes = own.filter(isWrite);
  console.log(`one experiment: ${tally(own)}`);

  for (const name of names('running', resting)) await playStart(site, view, await apply(site, name), visits);
  for (const name of names('finished', resting)) {
    const applied = await apply(site, name);
    await playStart(site, view, applied, visits);
    await playEnd(site, view, applied, visits);
  }
  // What was told last is written with the next status, 10 s after the one before.
  await delay(2 * settleMs);
  await requests();
  await delay(minuteMs);
  const minute = await requests();
  console.log(`a minute of ${2 * resting} experiments at rest: ${tally(minute)}`);
  const resources = new Set(['leases', 'splitexperiments', 'pods']);
  const beside = minute.filter(
    ({ verb, resource }) => !(resource === 'leases' || (verb === 'watch' && resources.has(resource))),
  );
  await operator.stop();
  return [
    row('operator, idle: resident memory', idle, 'MB', '<=', 120),
    row(`apply to both pods created, median of ${applies}`, median(timesMs), 'ms', '<=', 300),
    row('apply to both pods created, longest', Math.max(...timesMs), 'ms'),
    row(`API writes for one experiment of ${visits} visits, events included`, writes.length, '', '<=', 20),
    row('reads besides', own.length - writes.length, ''),
    row(`requests in a minute for ${resting} running and ${resting} finished experiments`, beside.length, '', '<=', 0),
    row('renewals of the lease in that minute', minute.filter(isWrite).length - beside.filter(isWrite).length, ''),
  ];
}

async function untilToldOf(
  events: Awaited<ReturnType<typeof openView>>['events'],
  name: string,
  reason: string,
): Promise<void> {
  await eventually(10_000, `${reason} is told of ${name}`, async () => {
    const told = events.byIndex('namespace', namespace);
    return (
      told.some(({ involvedObject, ...event }) => involvedObject?.name === name && event.reason === reason) || null
    );
  });
}
