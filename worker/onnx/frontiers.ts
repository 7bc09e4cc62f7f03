import type { Dataflow } from './dataflow.ts';
import { type Segment, Side, spreadTail, widthTester } from './width.ts';

/** Tensors that separate head from tail: indices into `Dataflow.tensors`, ascending. */
export interface Frontier {
  readonly tensors: readonly number[];
  /** Number of nodes in the head. */
  readonly headNodes: number;
}

export interface Frontiers {
  /** Distinct, in execution order. */
  readonly frontiers: readonly Frontier[];
  /** Whether every frontier of at most the tensors asked for is there. */
  readonly exhaustive: boolean;
  /** All frontiers with up to so many tensors are there. */
  readonly completeTo: number;
}

export interface FrontierOptions {
  readonly maxTensors: number;
  /** More frontiers than this are not collected: only those with fewer tensors are then given. */
  readonly limit: number;
}

/** Wider cuts have no use in practice, and asking for them one width at a time has to end somewhere. */
const widest = 16;

/**
 * Finds every way to divide a graph into a head and a tail such that nothing flows back: the closed sets of nodes, known
 * by their frontier. Tensors that alone separate the graph divide it into segments, and a frontier never spans two of
 * them, so segments are searched one by one.
 */
export function findFrontiers(flow: Dataflow, { maxTensors, limit }: FrontierOptions): Frontiers {
  const segments = findSegments(flow);
  const search = (width: number) => searchAll(flow, segments, width, limit);
  const all = search(maxTensors);
  if (all !== undefined) return { frontiers: all, exhaustive: true, completeTo: maxTensors };
  let best: readonly Frontier[] = [];
  for (let width = 1; width <= Math.min(maxTensors, widest); width++) {
    const found = search(width);
    if (found === undefined) return { frontiers: best, exhaustive: false, completeTo: width - 1 };
    best = found;
  }
  return { frontiers: best, exhaustive: false, completeTo: Math.min(maxTensors, widest) };
}

/** The nodes that the head of a frontier consists of: 1 per index into `Dataflow.nodes`. */
export function headOf(flow: Dataflow, tensors: readonly number[]): Uint8Array {
  const head = new Uint8Array(flow.nodes.length);
  const pending = tensors.map((tensor) => flow.tensors[tensor]?.producer ?? -1);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node < 0 || head[node] === 1) continue;
    head[node] = 1;
    for (const tensor of flow.nodeInputs[node] ?? []) pending.push(flow.tensors[tensor]?.producer ?? -1);
  }
  return head;
}

/** The frontier of a head: what it (or an input) provides and the tail needs, and outputs of the model made in it. */
export function frontierOf(flow: Dataflow, head: Uint8Array): Frontier {
  const tensors = flow.tensors.flatMap(({ producer, consumers, isOutput }, index) => {
    if (producer >= 0 && head[producer] === 0) return [];
    return isOutput || consumers.some((consumer) => head[consumer] === 0) ? [index] : [];
  });
  return { tensors, headNodes: head.reduce((sum, bit) => sum + bit, 0) };
}

function findSegments(flow: Dataflow): Segment[] {
  const segments: Segment[] = [];
  const open = new Map<number, number>();
  const provide = (tensor: number) => {
    const { consumers, isOutput } = flow.tensors[tensor] ?? { consumers: [], isOutput: false };
    open.set(tensor, consumers.length + (isOutput ? 1 : 0));
  };
  for (const input of flow.inputs) provide(input);
  let base: readonly number[] = flow.inputs;
  let start = 0;
  for (const [node, reads] of flow.nodeInputs.entries()) {
    for (const tensor of reads) {
      const left = (open.get(tensor) ?? 0) - 1;
      if (left === 0) open.delete(tensor);
      else open.set(tensor, left);
    }
    for (const tensor of flow.nodeOutputs[node] ?? []) provide(tensor);
    if (open.size === 1 || node === flow.nodes.length - 1) {
      const after = [...open.keys()].sort((a, b) => a - b);
      segments.push({ start, end: node + 1, base, after });
      base = after;
      start = node + 1;
    }
  }
  return segments;
}

/** All frontiers of at most `width` tensors, or undefined where they exceed `limit` or the work that is spent on them. */
function searchAll(flow: Dataflow, segments: readonly Segment[], width: number, limit: number): Frontier[] | undefined {
  if (width === 1) {
    // A tensor that alone separates the graph does so in every order of its nodes: it ends a segment.
    const single = segments.filter(({ after }) => after.length === 1);
    return single.length > limit ? undefined : single.map(({ end, after }) => ({ tensors: after, headNodes: end }));
  }
  const found: Frontier[] = [];
  const budget = { work: 200_000_000 };
  for (const segment of segments) {
    const chosen = searchSegment(flow, segment, width, limit - found.length, budget);
    if (chosen === undefined) return undefined;
    found.push(...chosen.sort(byExecution));
  }
  return found;
}

function byExecution(a: Frontier, b: Frontier): number {
  if (a.headNodes !== b.headNodes) return a.headNodes - b.headNodes;
  const differing = a.tensors.findIndex((tensor, index) => tensor !== b.tensors[index]);
  return (a.tensors[differing] ?? 0) - (b.tensors[differing] ?? 0);
}

/**
 * Decides node by node, in execution order, whether it belongs to the head; what depends on a node of the tail is in the
 * tail too. A branch is left as soon as no choice of the rest gives a frontier of at most `width` tensors, so every step
 * leads to a result. The empty choice is the frontier that the segment starts with, found as the end of the one before.
 */
function searchSegment(
  flow: Dataflow,
  segment: Segment,
  width: number,
  limit: number,
  budget: { work: number },
): Frontier[] | undefined {
  const found: Frontier[] = [];
  const tester = widthTester(flow, segment);
  const stack: { readonly sides: Uint8Array; readonly decided: number }[] = [
    { sides: new Uint8Array(segment.end - segment.start), decided: 0 },
  ];
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    budget.work -= tester.edges;
    if (budget.work < 0) return undefined;
    const { sides } = step;
    const next = sides.indexOf(Side.Undecided, step.decided);
    if (next < 0) {
      const tensors = tester.frontier(sides);
      if (tensors.length > width || !sides.includes(Side.Head)) continue;
      if (found.length === limit) return undefined;
      const inHead = sides.reduce((sum, side) => sum + (side === Side.Head ? 1 : 0), 0);
      found.push({ tensors, headNodes: segment.start + inHead });
      continue;
    }
    if (!tester.canBeAtMost(width, sides, budget)) continue;
    const without = sides.slice();
    without[next] = Side.Tail;
    stack.push({ sides: spreadTail(flow, segment, without), decided: next + 1 });
    sides[next] = Side.Head;
    stack.push({ sides, decided: next + 1 });
  }
  return found;
}
