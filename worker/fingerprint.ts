import type { Announcement } from '../api/messages/worker.ts';

const compared = ['cpuModel', 'cores', 'executionProvider'] as const;

/** How a machine differs from that of an earlier worker of its lane and side, in words; null where it does not. */
export function machineDifference(now: Announcement['machine'], before: Announcement['machine']): string | null {
  for (const name of compared) {
    if (now[name] !== before[name]) return difference(name, now[name], before[name], before.node);
  }
  // A driver that did not answer in time says nothing.
  if (!now.gpu || !before.gpu) return null;
  const gpu = ({ name, count }: NonNullable<Announcement['machine']['gpu']>) => `${count} x ${name}`;
  return gpu(now.gpu) === gpu(before.gpu) ? null : difference('gpu', gpu(now.gpu), gpu(before.gpu), before.node);
}

function difference(name: string, now: unknown, before: unknown, node: string): string {
  return `${name} is ${JSON.stringify(now)} and was ${JSON.stringify(before)} on node ${node}`;
}
