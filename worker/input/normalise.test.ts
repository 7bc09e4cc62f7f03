import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputMismatchError } from './errors.ts';
import { normalisePixels } from './normalise.ts';
import type { PreprocessPlan } from './preprocess.ts';

const plan: PreprocessPlan = {
  input: 'x',
  type: 'float32',
  width: 2,
  height: 1,
  channels: 3,
  layout: 'NCHW',
  resize: { mode: 'Stretch' },
  channelOrder: 'RGB',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};
const pixels = Uint8Array.of(10, 20, 30, 40, 50, 60);

function floats(members: Partial<PreprocessPlan>): number[] {
  return [...new Float32Array(normalisePixels(pixels, { ...plan, ...members }).data.slice().buffer)];
}

test('channels are laid out as the model takes them', () => {
  assert.deepEqual(floats({}), [10, 40, 20, 50, 30, 60]);
  assert.deepEqual(floats({ layout: 'NHWC' }), [10, 20, 30, 40, 50, 60]);
  assert.deepEqual(floats({ channelOrder: 'BGR' }), [30, 60, 20, 50, 10, 40]);
  assert.deepEqual(floats({ channelOrder: 'BGR', layout: 'NHWC' }), [30, 20, 10, 60, 50, 40]);
  assert.deepEqual(normalisePixels(pixels, plan).shape, [1, 3, 1, 2]);
  assert.deepEqual(normalisePixels(pixels, { ...plan, layout: 'NHWC' }).shape, [1, 1, 2, 3]);
});

test('a pixel is scaled, then the mean is taken away, then it is divided', () => {
  assert.deepEqual(floats({ scale: 0.5, mean: [1, 2, 3], std: [2, 4, 0.5] }), [2, 9.5, 2, 5.75, 24, 54]);
  // Mean and std are in the order of the model's channels.
  assert.deepEqual(floats({ channelOrder: 'BGR', mean: [30, 20, 10] }), [0, 30, 0, 30, 0, 30]);
});

test('grey is luma', () => {
  const grey = normalisePixels(Uint8Array.of(255, 0, 0, 9, 9, 9), { ...plan, channels: 1, mean: [0], std: [1] });
  assert.deepEqual(grey.shape, [1, 1, 1, 2]);
  assert.deepEqual([...new Float32Array(grey.data.slice().buffer)], [76, 9]);
});

test('bytes and half floats come out for models that take them', () => {
  const bytes = normalisePixels(pixels, { ...plan, type: 'uint8', scale: 5, mean: [60, 0, 0] });
  assert.deepEqual([...bytes.data], [0, 140, 100, 250, 150, 255]);
  const halves = normalisePixels(pixels, { ...plan, type: 'float16', scale: 0.1 });
  assert.deepEqual([...new Float16Array(halves.data.slice().buffer)], [1, 4, 2, 5, 3, 6]);
});

test('pixels of another size are refused', () => {
  assert.throws(() => normalisePixels(new Uint8Array(5), plan), InputMismatchError);
});
