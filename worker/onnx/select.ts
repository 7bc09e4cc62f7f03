import { leastDifferent } from '../../api/nearest.ts';
import type { Dataflow } from './dataflow.ts';
import { OnnxError } from './errors.ts';
import { type Frontier, findFrontiers, frontierOf, headOf } from './frontiers.ts';
import type { Layer } from './layers.ts';

/** Which cuts are wanted, as in a manifest. */
export type CutSelection =
  | {
      readonly selection: 'All';
      /** Absent: any number. */
      readonly maxTensors?: number;
      /** Frontiers beyond which only narrower ones are listed. */
      readonly limit?: number;
    }
  | { readonly selection: 'Named'; readonly layers: readonly string[]; readonly maxTensors?: number };

export interface SelectedFrontiers {
  readonly frontiers: readonly Frontier[];
  readonly exhaustive: boolean;
  readonly warnings: readonly string[];
}

const defaultLimit = 2000;

/**
 * Finds the frontiers that are wanted, in execution order. A named layer stands for its last tensor; where that alone
 * does not separate the model, the tensors that cross beside it join in.
 * Throws `UnknownLayer` with the nearest names, `NoCut` where more than `maxTensors` tensors cross after a named layer.
 */
export function selectFrontiers(
  flow: Dataflow,
  layers: readonly Layer[],
  names: readonly string[],
  wanted: CutSelection,
): SelectedFrontiers {
  if (wanted.selection === 'Named') {
    const chosen = wanted.layers.map((name) => namedFrontier(flow, layers, names, name, wanted.maxTensors));
    const distinct = new Map(chosen.map((frontier) => [frontier.tensors.join(), frontier]));
    return {
      frontiers: [...distinct.values()].sort((a, b) => a.headNodes - b.headNodes),
      exhaustive: false,
      warnings: [],
    };
  }
  const { maxTensors = Number.POSITIVE_INFINITY, limit = defaultLimit } = wanted;
  const { frontiers, exhaustive, completeTo } = findFrontiers(flow, { maxTensors, limit });
  const warning = `The model has more than ${limit} cuts: only those with up to ${completeTo} tensors are listed.`;
  return { frontiers, exhaustive, warnings: exhaustive ? [] : [warning] };
}

function namedFrontier(
  flow: Dataflow,
  layers: readonly Layer[],
  names: readonly string[],
  wanted: string,
  maxTensors: number | undefined,
): Frontier {
  const tensor = lastTensor(flow, layers, wanted) ?? findTensor(flow, names, wanted);
  if (tensor === undefined) {
    const near = leastDifferent(wanted, [...layers.map(({ name }) => name), ...names]);
    throw new OnnxError(
      'UnknownLayer',
      `The model has no layer "${wanted}". The nearest names are: ${near.join(', ')}.`,
    );
  }
  if ((flow.tensors[tensor]?.producer ?? -1) < 0) {
    throw new OnnxError(
      'NoCut',
      `"${wanted}" is an input of the model, and in front of it is nothing to run: use the baseline RemoteTensor.`,
    );
  }
  const frontier = frontierOf(flow, headOf(flow, [tensor]));
  if (maxTensors !== undefined && frontier.tensors.length > maxTensors) {
    const crossing = frontier.tensors.map((index) => names[index]).join(', ');
    throw new OnnxError(
      'NoCut',
      `After the layer "${wanted}" ${frontier.tensors.length} tensors cross (${crossing}): allow them with maxTensors ${frontier.tensors.length}, or name another layer.`,
    );
  }
  return frontier;
}

/** The last tensor of a layer, or of a module that layers with longer names are parts of. */
function lastTensor(flow: Dataflow, layers: readonly Layer[], wanted: string): number | undefined {
  const exact = layers.filter(({ name }) => name === wanted);
  const parts = layers.filter(({ name }) => name.startsWith(`${wanted}.`) || name.startsWith(`${wanted}/`));
  const nodes = (exact.length > 0 ? exact : parts).flatMap((layer) => layer.nodes);
  return nodes.length === 0 ? undefined : flow.nodeOutputs[Math.max(...nodes)]?.[0];
}

function findTensor(flow: Dataflow, names: readonly string[], wanted: string): number | undefined {
  const index = names.indexOf(wanted);
  return index >= 0 ? index : flow.byName.get(wanted);
}

/**
 * At most `count` of the items (at least one), the first and last among them, evenly spread over `position`, which does
 * not decrease: for each of `count` equally distant positions the nearest item that is left.
 */
export function evenSubset<Item>(items: readonly Item[], count: number, position: (item: Item) => number): Item[] {
  if (items.length <= count) return [...items];
  const positions = items.map(position);
  const first = positions[0] ?? 0;
  const last = positions.at(-1) ?? 0;
  const chosen: Item[] = [];
  let next = 0;
  for (let index = 0; index < count; index++) {
    const target = count === 1 ? last : first + ((last - first) * index) / (count - 1);
    const end = index === count - 1 ? items.length - 1 : items.length - (count - index);
    let best = index === count - 1 ? end : next;
    for (let candidate = next; candidate <= end; candidate++) {
      if (Math.abs((positions[candidate] ?? 0) - target) < Math.abs((positions[best] ?? 0) - target)) best = candidate;
    }
    chosen.push(...items.slice(best, best + 1));
    next = best + 1;
  }
  return chosen;
}
