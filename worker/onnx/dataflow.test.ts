import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from './dataflow.ts';
import { OnnxError } from './errors.ts';
import { flowOf, flowOfNodes, plainNode, plainValue } from './testing/flow.ts';

function refused(message: RegExp) {
  return (error: unknown) => error instanceof OnnxError && error.code === 'Malformed' && message.test(error.message);
}

test('nodes are sorted, and those that nothing needs or that no input reaches are left out', () => {
  const flow = flowOf([['y', 'b', 'constant'], ['b', 'a'], ['a', 'x'], ['unneeded', 'a'], ['constant']], ['x'], ['y']);
  assert.deepEqual(
    flow.nodes.map(({ name }) => name),
    ['a', 'b', 'y'],
  );
  assert.deepEqual(new Set(flow.live.map(({ name }) => name)), new Set(['a', 'b', 'constant', 'y']));
  assert.deepEqual([...flow.byName.keys()], ['x', 'a', 'b', 'y']);
});

test('inputs left out are no tensors, captured ones are', () => {
  const flow = flowOfNodes(
    [
      plainNode({ name: 'a', inputs: ['x', ''], outputs: ['a', ''] }),
      plainNode({ name: 'y', inputs: [], captures: ['a'], outputs: ['y'] }),
    ],
    ['x'],
    ['y'],
  );
  assert.deepEqual(flow.nodeInputs, [[0], [1]]);
});

test('a graph that is none is refused with the tensor or node', () => {
  assert.throws(
    () =>
      flowOf(
        [
          ['a', 'x'],
          ['a', 'x'],
        ],
        ['x'],
        ['a'],
      ),
    refused(/"a" is produced twice/),
  );
  assert.throws(() => flowOf([['x', 'x']], ['x'], ['x']), refused(/"x" is produced twice/));
  assert.throws(() => flowOf([['a', 'nowhere']], ['x'], ['a']), refused(/"nowhere" that Relu "a" reads/));
  assert.throws(() => flowOf([['a', 'x']], ['x'], ['b']), refused(/its output "b"/));
  assert.throws(
    () =>
      flowOf(
        [
          ['a', 'b'],
          ['b', 'c'],
          ['c', 'a'],
        ],
        ['x'],
        ['a'],
      ),
    refused(/depends on itself/),
  );
});

test('ten thousand readers of one tensor and a chain as long are no trouble', () => {
  const size = 10_000;
  const nodes = Array.from({ length: size }, (_, index) => {
    return plainNode({ inputs: ['x', index === 0 ? 'x' : `t${index - 1}`], outputs: [`t${index}`] });
  }).reverse();
  const flow = analyse({
    nodes,
    initializers: new Map(),
    inputs: [plainValue('x')],
    outputs: [plainValue(`t${size - 1}`)],
  });
  assert.equal(flow.nodes.length, size);
  assert.equal(flow.nodes[0]?.outputs[0], 't0');
});
