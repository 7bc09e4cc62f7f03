import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cut } from '../../api/cut.ts';
import type { Tensor } from '../tensor.ts';
import type { GraphDescription, ModelDescription } from './encode.ts';
import { madeUp } from './made-up.ts';
import { type ModelPlan, planModel } from './plan.ts';
import { parseModel } from './read.ts';
import { memorySource } from './source.ts';
import type { Stub } from './stub.ts';
import { fullStub, headStub, tailStub } from './submodels.ts';
import { difference } from './testing/difference.ts';
import { float, integers, modelFolder, node, weight, writeModel } from './testing/models.ts';
import { runStub } from './testing/run-stub.ts';

type Graph = Omit<GraphDescription, 'name'>;

/** Plans a graph and runs it whole and at all cuts, which have to agree bit for bit; gives the plan. */
async function agrees(folder: string, graph: Graph, rest: Partial<ModelDescription> = {}): Promise<ModelPlan> {
  const plan = await planModel(await writeModel(folder, graph, rest), { cuts: { selection: 'All' } });
  const inputs = plan.inputs.map(madeUp);
  const full = await runStub(fullStub(plan), inputs);
  for (const cut of plan.cuts) {
    const between = await runStub(headStub(plan, cut), inputs);
    const parts = await runStub(tailStub(plan, cut), between);
    for (const [index, tensor] of full.entries())
      assert.equal(difference(tensor, parts[index], 0), undefined, cut.name);
    assert.deepEqual(
      between.map(({ name, shape, type, data }): Cut['tensors'][number] => ({
        name,
        shape: [...shape],
        type,
        bytes: data.length,
      })),
      cut.tensors,
    );
  }
  return plan;
}

function names(plan: ModelPlan): string[] {
  return plan.cuts.map(({ name }) => name);
}

function parsed(stub: Stub) {
  return parseModel(memorySource(stub.bytes));
}

test('a stub keeps IR version, opsets, producer and metadata, and the nodes as they are', async () => {
  await using folder = await modelFolder();
  const plan = await agrees(
    folder.path,
    {
      nodes: [node('Relu', ['x'], 'a', { metadata: { 'splitlab.layer': 'first' } }), node('Mul', ['a', 'w'], 'y')],
      initializers: [weight('w', [64])],
      inputs: [float('x', ['batch', 64])],
      outputs: [float('y', ['batch', 64])],
    },
    { irVersion: 7, opsets: { '': 13, 'com.microsoft': 1 }, producer: 'someone', metadata: { licence: 'yes' } },
  );
  assert.deepEqual(names(plan), ['first', 'y']);
  const [cut] = plan.cuts;
  assert.ok(cut);
  for (const stub of [headStub(plan, cut), tailStub(plan, cut), fullStub(plan)]) {
    const model = parsed(stub);
    assert.equal(model.irVersion, 7);
    assert.deepEqual(
      [...model.opsets],
      [
        ['', 13],
        ['com.microsoft', 1],
      ],
    );
    assert.equal(model.producer, 'someone');
    assert.equal(model.metadata.get('licence'), 'yes');
  }
  const head = parsed(headStub(plan, cut)).graph;
  assert.deepEqual(head.nodes[0]?.message, plan.model.graph.nodes[0]?.message);
  assert.equal(head.initializers.size, 0, 'the head does not use the weight');
  assert.deepEqual(
    head.inputs.map(({ shape }) => shape),
    [[1, 64]],
  );
  const storage = parsed(tailStub(plan, cut)).graph.initializers.get('w')?.storage;
  assert.equal(storage?.kind === 'External' && storage.location, 'model.onnx');
});

test('several inputs and outputs: an input that the tail needs crosses, an early output too', async () => {
  await using folder = await modelFolder();
  const plan = await agrees(folder.path, {
    nodes: [node('Relu', ['x'], 'early'), node('Neg', ['early'], 'middle'), node('Add', ['middle', 'x2'], 'late')],
    inputs: [float('x'), float('x2'), float('unused')],
    outputs: [float('early'), float('late'), float('x')],
  });
  assert.deepEqual(names(plan), ['x+x2+early', 'x+x2+early+middle', 'x+early+late']);
  const [, , last] = plan.cuts;
  assert.ok(last);
  assert.equal(parsed(tailStub(plan, last)).graph.nodes.length, 0, 'behind the last layer everything passes through');
});

test('constants and what depends on them alone are in both parts and never cross', async () => {
  await using folder = await modelFolder();
  const constant = { attributes: { value: { tensor: weight('', [2]) } } };
  const plan = await agrees(folder.path, {
    nodes: [
      node('Constant', [], 'c', constant),
      node('Neg', ['c'], 'minus'),
      node('Add', ['x', 'minus'], 'a'),
      node('Mul', ['a', 'minus'], 'y'),
    ],
    inputs: [float('x')],
    outputs: [float('y'), float('minus')],
  });
  assert.deepEqual(
    plan.cuts.map(({ tensors }) => tensors.map(({ name }) => name)),
    [['a'], ['y']],
  );
});

test('graphs in If that capture tensors, weights and constants from around them', async () => {
  await using folder = await modelFolder();
  const branch = (name: string, operator: string, captured: string) => ({
    graph: {
      name,
      nodes: [node(operator, [captured, 'w'], `${name}_y`)],
      inputs: [],
      outputs: [float(`${name}_y`, [64])],
    },
  });
  const plan = await agrees(folder.path, {
    nodes: [
      node('Relu', ['x'], 'a'),
      node('Neg', ['x'], 'b'),
      node('ReduceSum', ['b'], 'sum', { attributes: { keepdims: { int: 0 } } }),
      node('Cast', ['sum'], 'chosen', { attributes: { to: { int: 9 } } }),
      node('If', ['chosen'], 'i', {
        attributes: { then_branch: branch('then', 'Add', 'a'), else_branch: branch('else', 'Mul', 'b') },
      }),
      node('Add', ['i', 'w'], 'y'),
    ],
    initializers: [weight('w', [64])],
    inputs: [float('x', [64])],
    outputs: [float('y', [64])],
  });
  assert.ok(names(plan).includes('a+b+chosen'), 'captured tensors cross in front of the If');
  assert.ok(names(plan).includes('i'));
  assert.ok(plan.exhaustive);
});

test('functions of the model travel along, older models list weights as inputs', async () => {
  await using folder = await modelFolder();
  const functions = [
    {
      domain: 'local',
      name: 'Twice',
      inputs: ['a'],
      outputs: ['b'],
      nodes: [node('Add', ['a', 'a'], 'b')],
      opsets: { '': 17 },
    },
  ];
  const graph = {
    nodes: [node('Twice', ['x'], 't', { domain: 'local' }), node('Mul', ['t', 'w'], 'y')],
    initializers: [weight('w', [64])],
    inputs: [float('x', [64])],
    outputs: [float('y', [64])],
  };
  assert.deepEqual(names(await agrees(folder.path, graph, { opsets: { '': 17, local: 1 }, functions })), ['t', 'y']);
  const older = {
    ...graph,
    nodes: [node('Relu', ['x'], 't'), node('Mul', ['t', 'w'], 'y')],
    inputs: [float('x', [64]), float('w', [64])],
  };
  const plan = await agrees(folder.path, older, { irVersion: 3, opsets: { '': 7 } });
  assert.deepEqual(
    plan.inputs.map(({ name }) => name),
    ['x'],
  );
});

test('integer tensors cross, shapes known only from the data come from a run', async () => {
  await using folder = await modelFolder();
  const plan = await agrees(folder.path, {
    nodes: [
      node('Shape', ['x'], 'shape'),
      node('Neg', ['x'], 'negative'),
      node('Neg', ['negative'], 'again'),
      node('NonZero', ['again'], 'where'),
      node('Transpose', ['where'], 'places', { attributes: { perm: { ints: [1, 0] } } }),
      node('Cast', ['shape'], 'size', { attributes: { to: { int: 7 } } }),
      node('Concat', ['places', 'k'], 'y', { attributes: { axis: { int: 0 } } }),
      node('Identity', ['size'], 'z'),
    ],
    initializers: [integers('k', [5, 6], [1, 2])],
    inputs: [float('x', ['n', 3])],
    outputs: [
      { name: 'y', type: 'int64', shape: [null, 2] },
      { name: 'z', type: 'int64', shape: [2] },
    ],
  });
  const where = plan.cuts.flatMap(({ tensors }) => tensors).find(({ name }) => name === 'where');
  assert.deepEqual(where, { name: 'where', shape: [2, 3], type: 'int64', bytes: 48 });
});

test('half precision crosses', async () => {
  await using folder = await modelFolder();
  const cast = (to: number) => ({ attributes: { to: { int: to } } });
  const plan = await agrees(folder.path, {
    nodes: [node('Cast', ['x'], 'half', cast(10)), node('Cast', ['half'], 'y', cast(1))],
    inputs: [float('x')],
    outputs: [float('y')],
  });
  assert.deepEqual(plan.cuts[0]?.tensors, [
    { name: 'half', shape: [2], type: 'float16', bytes: 4 },
  ] satisfies Cut['tensors']);
});

test('the same stub runs for every batch size that it is planned for', async () => {
  await using folder = await modelFolder();
  const model = await writeModel(folder.path, {
    nodes: [node('Gemm', ['x', 'w'], 'a'), node('Relu', ['a'], 'y')],
    initializers: [weight('w', [64, 8])],
    inputs: [float('x', ['batch', 64])],
    outputs: [float('y', ['batch', 8])],
  });
  const plan = await planModel(model, { cuts: { selection: 'All' }, batchSize: 3 });
  const [cut] = plan.cuts;
  assert.ok(cut);
  assert.deepEqual(cut.tensors, [{ name: 'a', shape: [3, 8], type: 'float32', bytes: 96 }]);
  const inputs: Tensor[] = plan.inputs.map(madeUp);
  const [a] = await runStub(headStub(plan, cut), inputs);
  assert.deepEqual(a?.shape, [3, 8]);
});
