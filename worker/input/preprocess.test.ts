import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputMismatchError } from './errors.ts';
import { preprocessPlan } from './preprocess.ts';
import type { CustomPreprocess, ModelInput } from './spec.ts';

const image: ModelInput = { name: 'x', type: 'float32', shape: ['batch', 3, 224, 224] };
const custom = (members: CustomPreprocess) => ({ type: 'Custom', custom: members }) as const;

test('Imagenet is what most classifiers were trained on', () => {
  assert.deepEqual(preprocessPlan({ type: 'Imagenet' }, [image]), {
    input: 'x',
    type: 'float32',
    width: 224,
    height: 224,
    channels: 3,
    layout: 'NCHW',
    resize: { mode: 'Shortest', coverWidth: 256, coverHeight: 256 },
    channelOrder: 'RGB',
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  });
});

test('Caffe and None stretch; Caffe takes the mean away from blue, green and red', () => {
  const caffe = preprocessPlan({ type: 'Caffe' }, [image]);
  assert.deepEqual([caffe.resize, caffe.channelOrder, caffe.scale], [{ mode: 'Stretch' }, 'BGR', 1]);
  assert.deepEqual(
    [caffe.mean, caffe.std],
    [
      [103.939, 116.779, 123.68],
      [1, 1, 1],
    ],
  );
  const none = preprocessPlan({ type: 'None' }, [image]);
  assert.deepEqual([none.resize, none.scale, none.mean, none.std], [{ mode: 'Stretch' }, 1, [0, 0, 0], [1, 1, 1]]);
});

test("the model's input decides layout, channels and size", () => {
  const plan = (shape: ModelInput['shape']) => {
    const { layout, channels, width, height, resize } = preprocessPlan({ type: 'Imagenet' }, [{ ...image, shape }]);
    return { layout, channels, width, height, resize };
  };
  const square = (size: number, cover: number) => ({
    width: size,
    height: size,
    resize: { mode: 'Shortest', coverWidth: cover, coverHeight: cover },
  });
  assert.deepEqual(plan([1, 299, 299, 3]), { layout: 'NHWC', channels: 3, ...square(299, 342) });
  assert.deepEqual(plan(['n', null, 'h', 'w']), { layout: 'NCHW', channels: 3, ...square(224, 256) });
  assert.deepEqual(plan(['n', 3, 112, 224]), {
    layout: 'NCHW',
    channels: 3,
    width: 224,
    height: 112,
    resize: { mode: 'Shortest', coverWidth: 256, coverHeight: 128 },
  });
});

test('size is what the image covers before the crop, or what a model without a size gets', () => {
  const cropped = preprocessPlan(custom({ size: { height: 232, width: 232 } }), [image]);
  assert.deepEqual(cropped.resize, { mode: 'Shortest', coverWidth: 232, coverHeight: 232 });
  assert.equal(cropped.width, 224);
  const free = preprocessPlan(custom({ size: { height: 320, width: 640 }, resize: 'Letterbox' }), [
    { ...image, shape: ['n', 3, 'h', 'w'] },
  ]);
  assert.deepEqual([free.width, free.height, free.resize], [640, 320, { mode: 'Letterbox' }]);
});

test('a grey model takes images as they are or scaled', () => {
  const { channels, mean, std } = preprocessPlan(custom({ scale: '0.5', mean: ['0', '0', '0'] }), [
    { ...image, shape: ['n', 1, 28, 28] },
  ]);
  assert.deepEqual({ channels, mean, std }, { channels: 1, mean: [0], std: [1] });
});

test('numbers are decimal strings, one for each channel or the same for all', () => {
  const plan = preprocessPlan(custom({ scale: '0.5', mean: ['1e1'], std: ['1', '2.5', '3'] }), [image]);
  assert.deepEqual([plan.scale, plan.mean, plan.std], [0.5, [10, 10, 10], [1, 2.5, 3]]);
});

test('what cannot be is refused with the field, the value and the remedy', () => {
  const refused: readonly [() => unknown, RegExp][] = [
    [() => preprocessPlan({ type: 'None' }, [image, image]), /one input of four dimensions.*\.npz/],
    [() => preprocessPlan({ type: 'None' }, []), /found none/],
    [() => preprocessPlan({ type: 'None' }, [{ ...image, shape: [1, 512] }]), /x \[1, 512\]/],
    [() => preprocessPlan({ type: 'None' }, [{ ...image, type: 'int64' }]), /the model takes int64/],
    [() => preprocessPlan({ type: 'None' }, [{ ...image, shape: [1, 12, 64, 64] }]), /takes 12 with layout NCHW/],
    [
      () => preprocessPlan({ type: 'Caffe' }, [{ ...image, shape: [1, 1, 28, 28] }]),
      /Caffe is for three channels.*Custom/,
    ],
    [() => preprocessPlan(custom({ layout: 'NHWC' }), [image]), /takes 224 with layout NHWC/],
    [
      () => preprocessPlan(custom({ size: { height: 256, width: 200 } }), [image]),
      /custom\.size: 256 x 200 .*224 x 224/,
    ],
    [() => preprocessPlan(custom({ size: { height: 256, width: 256 }, resize: 'Stretch' }), [image]), /256 x 256/],
    [() => preprocessPlan(custom({ mean: ['1', '2'] }), [image]), /custom\.mean: 2 numbers for 3 channels/],
    [() => preprocessPlan(custom({ std: ['0'] }), [image]), /custom\.std: '0' .*above 0/],
    [() => preprocessPlan(custom({ scale: 'x' }), [image]), /custom\.scale: 'x'/],
    [() => preprocessPlan(custom({ scale: ' ' }), [image]), /custom\.scale: ' '/],
  ];
  for (const [plan, reason] of refused) {
    const matches = (error: unknown) => error instanceof InputMismatchError && reason.test(error.message);
    assert.throws(plan, matches, String(reason));
  }
});
