import type { WorkerSpec } from '../../api/manifest/worker.ts';

/** Requests and limits of one container, quantities by the name of the resource. */
export interface Amounts {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

type Given = NonNullable<WorkerSpec['resources']>;

/** What is asked for of each resource that `resources` names: the limit, else the request. */
export function amountsOf({ resources = {} }: Pick<WorkerSpec, 'resources'>): Readonly<Record<string, string>> {
  return texts({ ...resources.requests, ...resources.limits });
}

/**
 * Request and limit of every resource that is given or has a default. What stands only once is meant for both, so that
 * the container is Guaranteed unless both are written and differ.
 */
export function settle(given: Given, defaults: Readonly<Record<string, string>>): Amounts {
  const [givenRequests, givenLimits] = [texts(given.requests), texts(given.limits)];
  const limits = { ...defaults, ...givenRequests, ...givenLimits };
  return { limits, requests: { ...limits, ...givenRequests } };
}

function texts(amounts: Given['limits'] = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, String(amount)]));
}
