import { z } from 'zod';
import { listed } from '../../api/telemetry/metric.ts';
import { experimentReasons } from '../../api/telemetry/metrics/operator.ts';
import type { Registry } from '../../meters/registry.ts';
import type { SplitExperimentObject } from '../runtime/resources.ts';

const count = z.number().catch(0);
const statusSchema = z
  .object({
    conditions: z.array(z.object({ type: z.string(), status: z.string(), reason: z.string() })).catch([]),
    visits: z.object({ total: count, completed: count, rejected: count, failed: count }).nullable().catch(null),
  })
  .catch({ conditions: [], visits: null });

const noVisits = { completed: 0, rejected: 0, failed: 0, pending: 0 };
type Visits = typeof noVisits;

interface Seen {
  readonly reason: (typeof experimentReasons)[number];
  readonly visits: Visits | null;
}

/**
 * Counts experiments by reason, and the visits of those that go on, in each snapshot while `leads` says so: another
 * replica sees the same experiments, and they would be counted twice. An object is read once, however often it is counted.
 */
export function observeExperiments(
  registry: Registry,
  list: () => readonly SplitExperimentObject[],
  leads: () => boolean,
): void {
  const known = new WeakMap<SplitExperimentObject, Seen>();
  registry.observe(() => {
    const isLeader = leads();
    registry.set('splitlab.operator.leader', {}, isLeader ? 1 : 0);
    const counts = new Map<Seen['reason'], number>();
    const visits = { ...noVisits };
    for (const object of isLeader ? list() : []) {
      const seen = known.get(object) ?? read(object);
      known.set(object, seen);
      counts.set(seen.reason, (counts.get(seen.reason) ?? 0) + 1);
      for (const state of states) visits[state] += seen.visits?.[state] ?? 0;
    }
    for (const reason of experimentReasons) {
      const value = isLeader ? (counts.get(reason) ?? 0) : null;
      registry.set('splitlab.operator.experiments', { 'splitlab.reason': reason }, value);
    }
    for (const state of states) {
      registry.set('splitlab.operator.visits', { 'splitlab.visit.state': state }, isLeader ? visits[state] : null);
    }
  });
}

const states = ['completed', 'rejected', 'failed', 'pending'] as const;

function read({ status }: SplitExperimentObject): Seen {
  const { conditions, visits } = statusSchema.parse(status ?? {});
  const succeeded = conditions.find(({ type }) => type === 'Succeeded');
  const reason = listed(experimentReasons, succeeded?.reason ?? 'Pending');
  if (visits === null || succeeded?.status !== 'Unknown') return { reason, visits: null };
  const { total, completed, rejected, failed } = visits;
  return { reason, visits: { completed, rejected, failed, pending: total - completed - rejected - failed } };
}
