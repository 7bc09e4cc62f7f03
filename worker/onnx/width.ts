import type { Dataflow } from './dataflow.ts';

/** A run of nodes (indices `start` to `end`, exclusive) between two frontiers: `base` in front of it, `after` behind it. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly base: readonly number[];
  readonly after: readonly number[];
}

/** Where a node is put. */
export const Side = { Undecided: 0, Head: 1, Tail: 2 } as const;

export interface WidthTester {
  /** Size of the segment's flow network: the cost of one test. */
  readonly edges: number;
  /** Tensors on the frontier when undecided nodes are in the tail; `sides` has one `Side` per node. */
  readonly frontier: (sides: Uint8Array) => number[];
  /** Whether undecided nodes can be given sides such that the frontier has at most `width` tensors. */
  readonly canBeAtMost: (width: number, sides: Uint8Array, budget: { work: number }) => boolean;
}

const unlimited = 1 << 20;

/**
 * Prepares tests of how narrow a segment's frontier can still become. The exact answer is a minimum cut: every tensor
 * that is on the frontier costs one, and a node in the head takes its producers with it.
 */
export function widthTester(flow: Dataflow, segment: Segment): WidthTester {
  const { start, end, base } = segment;
  const size = end - start;
  const tensors = [...base, ...flow.nodeOutputs.slice(start, end).flat()];
  // Vertices: the segment's nodes, then two per tensor, before and after the edge that costs one.
  const before = (position: number) => size + 2 * position;
  const links: { readonly from: number; readonly to: number; readonly capacity: number }[] = [];
  const isSink = new Uint8Array(size + 2 * tensors.length);
  const isSource = new Uint8Array(size + 2 * tensors.length);
  for (const [position, index] of tensors.entries()) {
    const tensor = flow.tensors[index];
    if (tensor === undefined) continue;
    const inside = tensor.producer >= start;
    links.push({ from: before(position), to: before(position) + 1, capacity: 1 });
    if (inside) links.push({ from: tensor.producer - start, to: before(position), capacity: unlimited });
    else isSource[before(position)] = 1;
    // Beyond the segment everything is tail.
    if (tensor.isOutput || tensor.consumers.some((node) => node >= end)) isSink[before(position) + 1] = 1;
    for (const node of tensor.consumers) {
      if (node < start || node >= end) continue;
      links.push({ from: before(position) + 1, to: node - start, capacity: unlimited });
      if (inside) links.push({ from: node - start, to: tensor.producer - start, capacity: unlimited });
    }
  }
  const network = buildNetwork(isSink.length, links);

  const crossing = (sides: Uint8Array, tailSide: (side: number) => boolean): number[] =>
    tensors.filter((index) => {
      const tensor = flow.tensors[index];
      if (tensor === undefined) return false;
      if (tensor.producer >= start && tailSide(sides[tensor.producer - start] ?? Side.Tail)) return false;
      return (
        tensor.isOutput || tensor.consumers.some((node) => node >= end || tailSide(sides[node - start] ?? Side.Tail))
      );
    });

  return {
    edges: links.length + 1,
    frontier: (sides) => crossing(sides, (side) => side !== Side.Head),
    canBeAtMost(width, sides, budget) {
      // The two simplest choices answer nearly every question.
      if (crossing(sides, (side) => side !== Side.Head).length <= width) return true;
      const spread = spreadTail(flow, segment, sides);
      if (crossing(spread, (side) => side === Side.Tail).length <= width) return true;
      budget.work -= network.targets.length * (width + 1);
      for (let vertex = 0; vertex < size; vertex++) {
        isSource[vertex] = sides[vertex] === Side.Head ? 1 : 0;
        isSink[vertex] = sides[vertex] === Side.Tail ? 1 : 0;
      }
      return maximumFlow(network, isSource, isSink, width + 1) <= width;
    },
  };
}

/** The same sides, where undecided nodes that depend on the tail are in the tail. */
export function spreadTail(flow: Dataflow, { start }: Segment, sides: Uint8Array): Uint8Array {
  const spread = sides.slice();
  for (const [position, side] of sides.entries()) {
    if (side !== Side.Undecided) continue;
    const inTail = (flow.nodeInputs[start + position] ?? []).some((tensor) => {
      const producer = flow.tensors[tensor]?.producer ?? -1;
      return producer >= start && spread[producer - start] === Side.Tail;
    });
    if (inTail) spread[position] = Side.Tail;
  }
  return spread;
}

interface Network {
  readonly vertices: number;
  /** Edges of vertex v are `edges[first[v]]` to `edges[first[v + 1] - 1]`; edge e and e ^ 1 are each other's reverse. */
  readonly first: Int32Array;
  readonly edges: Int32Array;
  readonly targets: Int32Array;
  readonly capacities: Int32Array;
}

function buildNetwork(
  vertices: number,
  links: readonly { readonly from: number; readonly to: number; readonly capacity: number }[],
): Network {
  const first = new Int32Array(vertices + 1);
  const targets = new Int32Array(links.length * 2);
  const capacities = new Int32Array(links.length * 2);
  const origins = new Int32Array(links.length * 2);
  for (const [index, { from, to, capacity }] of links.entries()) {
    targets[2 * index] = to;
    origins[2 * index] = from;
    capacities[2 * index] = capacity;
    targets[2 * index + 1] = from;
    origins[2 * index + 1] = to;
  }
  for (const origin of origins) first[origin + 1] = (first[origin + 1] as number) + 1;
  for (let vertex = 0; vertex < vertices; vertex++) {
    first[vertex + 1] = (first[vertex + 1] as number) + (first[vertex] as number);
  }
  const next = first.slice();
  const edges = new Int32Array(targets.length);
  for (const [edge, origin] of origins.entries()) {
    edges[next[origin] as number] = edge;
    next[origin] = (next[origin] as number) + 1;
  }
  return { vertices, first, edges, targets, capacities };
}

/** Ford and Fulkerson's method with breadth-first search, one unit a time, up to `limit` units. */
function maximumFlow(network: Network, isSource: Uint8Array, isSink: Uint8Array, limit: number): number {
  const capacities = network.capacities.slice();
  const arrivedBy = new Int32Array(network.vertices);
  const queue = new Int32Array(network.vertices);
  let flow = 0;
  while (flow < limit) {
    arrivedBy.fill(-1);
    let tail = 0;
    for (let vertex = 0; vertex < network.vertices; vertex++) {
      if (isSource[vertex] === 1) {
        arrivedBy[vertex] = -2;
        queue[tail++] = vertex;
      }
    }
    let reached = -1;
    for (let head = 0; head < tail && reached < 0; head++) {
      const vertex = queue[head] as number;
      for (let slot = network.first[vertex] as number; slot < (network.first[vertex + 1] as number); slot++) {
        const edge = network.edges[slot] as number;
        const target = network.targets[edge] as number;
        if (capacities[edge] === 0 || arrivedBy[target] !== -1) continue;
        arrivedBy[target] = edge;
        queue[tail++] = target;
        if (isSink[target] === 1) {
          reached = target;
          break;
        }
      }
    }
    if (reached < 0) return flow;
    for (let edge = arrivedBy[reached] as number; edge >= 0; ) {
      capacities[edge] = (capacities[edge] as number) - 1;
      capacities[edge ^ 1] = (capacities[edge ^ 1] as number) + 1;
      edge = arrivedBy[network.targets[edge ^ 1] as number] as number;
    }
    flow++;
  }
  return flow;
}
