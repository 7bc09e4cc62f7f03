import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { analyse, type Dataflow } from './dataflow.ts';
import { findFrontiers, frontierOf, headOf } from './frontiers.ts';
import { flowOf } from './testing/flow.ts';

/** Frontiers of every closed set of nodes, by trying all sets. */
function bruteForce(flow: Dataflow): string[] {
  const size = flow.nodes.length;
  const found = new Set<string>();
  for (let set = 1; set < 2 ** size; set++) {
    const head = Uint8Array.from({ length: size }, (_, node) => (set >> node) & 1);
    const closed = flow.nodeInputs.every((tensors, node) => {
      if (head[node] === 0) return true;
      return tensors.every((tensor) => {
        const producer = flow.tensors[tensor]?.producer ?? -1;
        return producer < 0 || head[producer] === 1;
      });
    });
    if (closed) found.add(frontierOf(flow, head).tensors.join());
  }
  return [...found].sort();
}

/** Graphs of up to nine nodes: each reads one to three of the inputs and earlier nodes. */
const graphs = fc
  .array(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 9 })
  .chain((nodes) =>
    fc.record({
      nodes: fc.constant(nodes),
      inputs: fc.integer({ min: 1, max: 2 }),
      outputs: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
    }),
  )
  .map(({ nodes, inputs, outputs }) => {
    const names = Array.from({ length: inputs }, (_, index) => `x${index}`);
    const made = nodes.map((reads, index) => {
      const node = [`n${index}`, ...reads.map((read) => names[read % names.length] ?? '')] as const;
      names.push(`n${index}`);
      return node;
    });
    return flowOf(made, names.slice(0, inputs), [...new Set(outputs.map((out) => names[out % names.length] ?? ''))]);
  });

test('every distinct frontier of any graph is found, and no other, at every width', () => {
  fc.assert(
    fc.property(graphs, fc.integer({ min: 1, max: 5 }), (flow, maxTensors) => {
      const all = bruteForce(flow);
      const unlimited = findFrontiers(flow, { maxTensors: Number.POSITIVE_INFINITY, limit: 10_000 });
      assert.deepEqual(unlimited.frontiers.map(({ tensors }) => tensors.join()).sort(), all);
      const bounded = findFrontiers(flow, { maxTensors, limit: 10_000 });
      assert.ok(bounded.exhaustive);
      assert.deepEqual(
        bounded.frontiers.map(({ tensors }) => tensors.join()).sort(),
        all.filter((tensors) => tensors.split(',').length <= maxTensors),
      );
    }),
    { numRuns: process.env.SPLITLAB_TEST_FULL === '1' ? 5000 : 300 },
  );
});

test('a frontier gives back its head, and frontiers come in execution order', () => {
  fc.assert(
    fc.property(graphs, (flow) => {
      const { frontiers } = findFrontiers(flow, { maxTensors: 3, limit: 1000 });
      for (const [index, frontier] of frontiers.entries()) {
        assert.deepEqual(frontierOf(flow, headOf(flow, frontier.tensors)), frontier);
        assert.ok(index === 0 || (frontiers[index - 1]?.headNodes ?? 0) <= frontier.headNodes);
      }
    }),
    { numRuns: 200 },
  );
});

/** ResNet50's shape with its batch normalisations: 16 blocks, four of them with two nodes on the way around. */
function resnet50(): Dataflow {
  const nodes: [string, ...string[]][] = [
    ['stem1', 'x'],
    ['stem2', 'stem1'],
    ['stem3', 'stem2'],
    ['stem4', 'stem3'],
  ];
  let last = 'stem4';
  for (const [stage, blocks] of [3, 4, 6, 3].entries()) {
    for (let block = 0; block < blocks; block++) {
      const chain = (name: string, length: number) => {
        let end = last;
        for (let step = 1; step <= length; step++) {
          nodes.push([`s${stage}b${block}${name}${step}`, end]);
          end = `s${stage}b${block}${name}${step}`;
        }
        return end;
      };
      const around = block === 0 ? chain('around', 2) : last;
      nodes.push([`s${stage}b${block}add`, chain('main', 8), around]);
      last = `s${stage}b${block}add`;
      last = chain('relu', 1);
    }
  }
  for (const name of ['pool', 'flatten', 'dense', 'softmax']) {
    nodes.push([name, last]);
    last = name;
  }
  return flowOf(nodes, ['x'], ['softmax']);
}

test('ResNet50 has 39 places before its output that one tensor crosses, and 200 that two cross', () => {
  const flow = resnet50();
  assert.equal(flow.nodes.length, 176);
  const { frontiers, exhaustive } = findFrontiers(flow, { maxTensors: Number.POSITIVE_INFINITY, limit: 1000 });
  assert.ok(exhaustive);
  assert.equal(frontiers.filter(({ tensors }) => tensors.length === 1).length, 39 + 1);
  assert.equal(frontiers.filter(({ tensors }) => tensors.length === 2).length, 200);
  assert.equal(frontiers.length, 240);
  const prefixes = new Set(
    flow.nodes.map((_, end) => {
      const head = Uint8Array.from(flow.nodes, (_, node) => (node <= end ? 1 : 0));
      return frontierOf(flow, head).tensors.join();
    }),
  );
  assert.equal(prefixes.size, 39 + 136 + 1);
  assert.ok([...prefixes].every((tensors) => frontiers.some((frontier) => frontier.tensors.join() === tensors)));
});

test('a graph with too many cuts gives those with fewer tensors, and says so', () => {
  const branches = Array.from({ length: 12 }, (_, index) => index);
  const nodes = [
    ['root', 'x'],
    ...branches.flatMap((branch) => [
      [`a${branch}`, 'root'],
      [`b${branch}`, `a${branch}`],
    ]),
    ['join', ...branches.map((branch) => `b${branch}`)],
    ['y', 'join'],
  ] as [string, ...string[]][];
  const flow = flowOf(nodes, ['x'], ['y']);
  const { frontiers, exhaustive, completeTo } = findFrontiers(flow, {
    maxTensors: Number.POSITIVE_INFINITY,
    limit: 100,
  });
  assert.equal(exhaustive, false);
  assert.equal(completeTo, 2, 'root with one branch started: 24 cuts; with two: 288');
  assert.equal(frontiers.length, 3 + 24);
});

test('an output made in the head crosses to the end, an input that the tail needs crosses too', () => {
  const flow = flowOf(
    [
      ['early', 'x'],
      ['middle', 'early'],
      ['late', 'middle', 'x2'],
    ],
    ['x', 'x2'],
    ['early', 'late'],
  );
  const { frontiers } = findFrontiers(flow, { maxTensors: 3, limit: 100 });
  assert.deepEqual(
    frontiers.map(({ tensors }) => tensors.map((index) => flow.tensors[index]?.name)),
    [
      ['x2', 'early'],
      ['x2', 'early', 'middle'],
      ['early', 'late'],
    ],
  );
});

test('a graph without nodes that depend on an input has no cut', () => {
  const flow = analyse({ nodes: [], initializers: new Map(), inputs: [], outputs: [] });
  assert.deepEqual(findFrontiers(flow, { maxTensors: 1, limit: 10 }).frontiers, []);
});
