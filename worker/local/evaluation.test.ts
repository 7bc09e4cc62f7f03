import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputSchema } from '../../api/record/record.ts';
import type { Inputs } from '../input/inputs.ts';
import { labelReader } from '../labels.ts';
import type { Tensor } from '../tensor.ts';
import { type EvaluationContext, evaluate, evaluationKey } from './evaluation.ts';

function scores(...values: number[]): Tensor[] {
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return [{ name: 'y', type: 'float32', shape: [1, values.length], data }];
}

function context(labels: readonly (string | undefined)[], changes: Partial<EvaluationContext> = {}): EvaluationContext {
  const classNames = ['cat', 'dog', 'owl'];
  const items = labels.map((label, index) => ({ name: `${index}`, label, tensors: [] }));
  const inputs: Inputs = { kind: 'Tensors', items, digest: 'd' };
  const read = labelReader({ decode: 'Classification', topK: 2 }, classNames);
  const references = [scores(0.5, 0.25, 0.25), scores(0, 1, 0), scores(0, 0.25, 0.75)];
  return { inputs, classNames, labels: read, weights: 'Trained', references, ...changes };
}

test('agreement counts against the whole model, accuracy against the true labels that there are', () => {
  const outputs = [scores(0.5, 0.25, 0.25), scores(1, 0, 0), scores(0, 0.25, 0.75)];
  const found = evaluate(context(['cat', 'cat', undefined]), outputs);
  assert.equal(found.evaluated, 3);
  assert.equal(found.agreement, 2 / 3);
  assert.equal(found.accuracy, 1);
  assert.deepEqual(found.top, [
    { label: 'cat', probability: 0.5 },
    { label: 'dog', probability: 0.25 },
  ]);
  assert.equal(found.maxAbsoluteDifference, 1);
  // The second input: a signal of 1 against a difference of 1 + 1.
  assert.ok(Math.abs((found.snrDecibel ?? 0) + 10 * Math.log10(2)) < 1e-9);
  assert.deepEqual(found.perOutput, [{ name: 'y', maxAbsoluteDifference: 1, snrDecibel: found.snrDecibel }]);
  assert.deepEqual(outputSchema.parse(found), found);
});

test('what equals the whole model differs by nothing and has no ratio', () => {
  const { references } = context([]);
  const found = evaluate(context([undefined, undefined, undefined]), references);
  assert.deepEqual([found.agreement, found.accuracy], [1, null]);
  assert.deepEqual([found.maxAbsoluteDifference, found.snrDecibel], [0, null]);
});

test('nothing is claimed for random weights, nor for outputs that are no classes', () => {
  const outputs = context([]).references;
  for (const changes of [{ weights: 'Random' }, { labels: labelReader({ decode: 'None', topK: 2 }, null) }] as const) {
    const found = evaluate(context(['cat', 'dog', 'owl'], changes), outputs);
    assert.deepEqual([found.top, found.agreement, found.accuracy], [null, null, null]);
    assert.equal(found.maxAbsoluteDifference, 0);
  }
});

test('without class names a label is the number of a class, and a label that is none counts nowhere', () => {
  const outputs = context([]).references;
  const numbered = { classNames: null, labels: labelReader({ decode: 'Classification', topK: 1 }, null) };
  const found = evaluate(context(['0', '2', 'owl'], numbered), outputs);
  assert.equal(found.accuracy, 1 / 2);
  assert.equal(found.top?.[0]?.label, 'class 0');
  assert.equal(evaluate(context(['wolf', 'wolf', 'wolf']), outputs).accuracy, null);
});

test('an evaluation belongs to cut, codec and inputs; the order of tensors does not matter', () => {
  const tensor = (name: string) => ({ name, shape: [1], type: 'float32' as const, bytes: 4 });
  const cut = {
    name: 'c',
    kind: 'Cut',
    layer: null,
    headMacsShare: 0,
    headParameterShare: 0,
    headParameterBytes: 0,
  } as const;
  const codec = { type: 'Float32', compression: 'None' } as const;
  const both = { cut: { ...cut, tensors: [tensor('a'), tensor('b')] }, codec };
  const key = evaluationKey(both, 'd');
  assert.match(key, /^[0-9a-f]{16}$/);
  assert.equal(
    evaluationKey({ ...both, cut: { ...cut, name: 'other', tensors: [tensor('b'), tensor('a')] } }, 'd'),
    key,
  );
  assert.notEqual(evaluationKey(both, 'e'), key);
  assert.notEqual(evaluationKey({ ...both, codec: null }, 'd'), key);
  assert.notEqual(evaluationKey({ ...both, cut: { ...cut, tensors: [tensor('a')] } }, 'd'), key);
});
