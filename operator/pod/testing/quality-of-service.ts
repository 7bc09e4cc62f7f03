import type { V1Pod } from '@kubernetes/client-node';
import { canonicalQuantity, quantityToNumber } from '../../../api/quantity.ts';
import type { Wire } from '../../runtime/wire.ts';

/** The quality-of-service class as the kubelet finds it (kubernetes `pkg/apis/core/v1/helper/qos`, `ComputePodQOS`). */
export function qualityOfService({ spec }: Wire<V1Pod>): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const amounts = containers.map(({ resources }) => ({
    requests: counted(resources?.requests),
    limits: counted(resources?.limits),
  }));
  if (amounts.every(({ requests, limits }) => requests.size === 0 && limits.size === 0)) return 'BestEffort';
  const guaranteed = amounts.every(({ requests, limits }) =>
    ['cpu', 'memory'].every((name) => limits.has(name) && limits.get(name) === requests.get(name)),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** Only these two count, and only above nothing. */
function counted(amounts: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  const entries = Object.entries(amounts)
    .filter(([name, amount]) => ['cpu', 'memory'].includes(name) && quantityToNumber(amount) > 0)
    .map(([name, amount]): [string, string] => [name, canonicalQuantity(amount)]);
  return new Map(entries);
}
