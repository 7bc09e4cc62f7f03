import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attribute, OnnxNode } from './model.ts';
import { multiplyAdds } from './operators.ts';
import { plainNode } from './testing/flow.ts';

function attribute(part: Partial<Attribute>): Attribute {
  return { int: undefined, ints: [], text: undefined, graphs: [], tensor: undefined, ...part };
}

function count(
  node: Partial<OnnxNode>,
  inputs: (readonly number[] | undefined)[],
  output?: readonly number[],
  functions: ReadonlyMap<string, readonly OnnxNode[]> = new Map(),
) {
  return multiplyAdds(plainNode(node), { inputs, outputs: [output] }, functions);
}

test('convolutions: VGG16 block1_conv2, a depthwise one, a transposed one', () => {
  assert.equal(
    count(
      { operator: 'Conv' },
      [
        [1, 64, 224, 224],
        [64, 64, 3, 3],
      ],
      [1, 64, 224, 224],
    ),
    1_849_688_064,
  );
  assert.equal(
    count(
      { operator: 'Conv' },
      [
        [2, 32, 8, 8],
        [32, 1, 3, 3],
      ],
      [2, 32, 8, 8],
    ),
    2 * 32 * 64 * 9,
  );
  assert.equal(
    count(
      { operator: 'ConvTranspose' },
      [
        [1, 8, 4, 4],
        [8, 3, 2, 2],
      ],
      [1, 3, 8, 8],
    ),
    8 * 16 * 3 * 4,
  );
  const quantised = [[1, 3, 8, 8], [], [], [16, 3, 3, 3]];
  assert.equal(count({ operator: 'QLinearConv' }, quantised, [1, 16, 6, 6]), 16 * 36 * 27);
});

test('matrix products: fully connected, batched, transposed', () => {
  assert.equal(
    count(
      { operator: 'Gemm' },
      [
        [1, 4096],
        [4096, 1000],
      ],
      [1, 1000],
    ),
    4_096_000,
  );
  const transA = new Map([['transA', attribute({ int: 1 })]]);
  assert.equal(
    count(
      { operator: 'Gemm', attributes: transA },
      [
        [7, 3],
        [7, 5],
      ],
      [3, 5],
    ),
    3 * 5 * 7,
  );
  assert.equal(
    count(
      { operator: 'MatMul' },
      [
        [2, 12, 10, 64],
        [2, 12, 64, 10],
      ],
      [2, 12, 10, 10],
    ),
    2 * 12 * 100 * 64,
  );
  const equation = new Map([['equation', attribute({ text: 'bij, bjk -> bik' })]]);
  assert.equal(
    count(
      { operator: 'Einsum', attributes: equation },
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
      [2, 3, 5],
    ),
    2 * 3 * 4 * 5,
  );
});

test('recurrent layers count every step and gate', () => {
  const [steps, batch, input, hidden] = [5, 2, 3, 4];
  const shapes = [
    [steps, batch, input],
    [1, 4 * hidden, input],
    [1, 4 * hidden, hidden],
  ];
  assert.equal(count({ operator: 'LSTM' }, shapes), steps * batch * 4 * hidden * (input + hidden));
});

test('what works element by element counts nothing', () => {
  for (const operator of ['Relu', 'BatchNormalization', 'MaxPool', 'Softmax', 'Reshape']) {
    assert.equal(count({ operator }, [undefined]), 0);
  }
  assert.equal(count({ operator: 'QuickGelu', domain: 'com.microsoft' }, []), 0);
});

test('what is not known is not guessed', () => {
  assert.equal(count({ operator: 'Magic', domain: 'my.domain' }, []), undefined);
  assert.equal(count({ operator: 'Magic', domain: 'com.microsoft' }, []), undefined);
  assert.equal(count({ operator: 'DFT' }, []), undefined);
  assert.equal(count({ operator: 'Conv' }, [[1, 3, 8, 8], undefined], [1, 8, 8, 8]), undefined);
});

test('graphs and functions count nothing if nothing in them does, else they are unknown', () => {
  const holding = (operator: string) => {
    const graphs = [{ nodes: [plainNode({ operator })], freeNames: [] }];
    return { operator: 'Loop', attributes: new Map([['body', attribute({ graphs })]]) };
  };
  assert.equal(count(holding('Add'), []), 0);
  assert.equal(count(holding('MatMul'), []), undefined);
  const functions = new Map([
    ['local:Norm', [plainNode({ operator: 'Div' }), plainNode({ operator: 'Norm', domain: 'local' })]],
    ['local:Dense', [plainNode({ operator: 'Gemm' })]],
  ]);
  assert.equal(count({ operator: 'Norm', domain: 'local' }, [], [], functions), 0);
  assert.equal(count({ operator: 'Dense', domain: 'local' }, [], [], functions), undefined);
});
