import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concreteInputs } from './dimensions.ts';
import { OnnxError } from './errors.ts';
import { plainValue } from './testing/flow.ts';

const image = plainValue('image', ['batch', 3, 'height', null]);

test('the first free dimension is the batch, others are named or 1', () => {
  const { inputs, assumed } = concreteInputs([image], { batchSize: 4, dimensions: { height: 32 } });
  assert.deepEqual(inputs, [{ name: 'image', type: 'float32', shape: [4, 3, 32, 1] }]);
  assert.deepEqual(assumed, ['image[3]']);
});

test('the symbol of the batch is the batch wherever it stands, unless it is named', () => {
  const other = plainValue('state', [2, 'batch']);
  assert.deepEqual(concreteInputs([other, image], { batchSize: 4 }).inputs[0]?.shape, [2, 4]);
  const tokens = plainValue('tokens', ['sequence']);
  assert.deepEqual(concreteInputs([tokens], { dimensions: { sequence: 7 } }).inputs[0]?.shape, [7]);
});

test('sizes that do not fit the model are refused', () => {
  const refused = (code: string, message: RegExp) => (error: unknown) =>
    error instanceof OnnxError && error.code === code && message.test(error.message);
  const fixed = plainValue('image', [1, 3]);
  assert.throws(
    () => concreteInputs([fixed], { batchSize: 2 }),
    refused('Dimensions', /fixes its batch size.*\[1, 3\]/),
  );
  assert.deepEqual(concreteInputs([fixed], { batchSize: 1 }).inputs[0]?.shape, [1, 3]);
  assert.throws(
    () => concreteInputs([image], { dimensions: { heigth: 2 } }),
    refused('Dimensions', /no free dimension "heigth"; it has: height, batch/),
  );
  assert.throws(() => concreteInputs([{ ...image, code: 8 }], {}), refused('Unsupported', /"image" is no tensor/));
  assert.throws(() => concreteInputs([{ ...image, code: undefined }], {}), refused('Unsupported', /"image"/));
  assert.throws(() => concreteInputs([{ ...image, shape: undefined }], {}), refused('Unsupported', /dimensions/));
});
