import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyRows } from '../inference/classify.ts';
import { batchIndices, stack } from '../input/batch.ts';
import { inputTensors } from '../input/inputs.ts';
import { openInputs } from '../input/open.ts';
import * as ort from '../onnxruntime.ts';
import type { ElementType } from '../tensor.ts';
import { classNames } from './labels.ts';
import { type ZooModelName, zooModels } from './models.ts';
import { resolveZooModel } from './resolve.ts';

/** The likeliest classes of every item of the model's sample, with the true ones. */
async function classify(name: ZooModelName, batchSize: number) {
  const { defaultSample, labels, preprocess, inputShape } = zooModels[name];
  const names = await classNames(labels);
  const { path } = await resolveZooModel(name, { cacheFolder: '/nowhere' });
  const session = await ort.InferenceSession.create(path);
  try {
    const [input = '', output = ''] = [...session.inputNames, ...session.outputNames];
    const modelInputs = [{ name: input, type: 'float32' as ElementType, shape: ['batch', ...inputShape] }];
    const options = { folder: '.', modelInputs, preprocess, classNames: names };
    const inputs = await openInputs({ sample: defaultSample }, options);
    const results = [];
    for (let start = 0; start < inputs.items.length; start += batchSize) {
      const indices = batchIndices(start, batchSize, inputs.items.length);
      const [tensor] = stack(await Promise.all(indices.map((index) => inputTensors(inputs, index))));
      assert.ok(tensor !== undefined);
      const feed = new ort.Tensor('float32', new Float32Array(tensor.data.slice().buffer), tensor.shape);
      const scores = (await session.run({ [input]: feed }))[output];
      assert.ok(scores?.data instanceof Float32Array);
      const data = new Uint8Array(scores.data.buffer, scores.data.byteOffset, scores.data.byteLength);
      for (const [row, top] of classifyRows(
        { name: output, type: 'float32', shape: scores.dims, data },
        names,
        3,
      ).entries()) {
        const item = inputs.items[start + row];
        if (item !== undefined) results.push({ name: item.name, label: item.label, top });
      }
    }
    return results;
  } finally {
    await session.release();
  }
}

test('EfficientNetLite0 sees a cat, the Alps and a harbour', async () => {
  const photos = new Map((await classify('EfficientNetLite0', 1)).map((result) => [result.name, result]));
  const expected = {
    'cat.png': { label: 'Egyptian cat', first: 'Egyptian cat', second: 'tabby', probability: 0.47 },
    'alps.jpg': { label: 'alp', first: 'alp', second: undefined, probability: 0.7 },
    'boats.jpg': { label: undefined, first: 'dock', second: 'pirate', probability: 0.39 },
  };
  assert.equal(photos.size, 3);
  for (const [name, { label, first, second, probability }] of Object.entries(expected)) {
    const photo = photos.get(name);
    assert.equal(photo?.label, label);
    assert.equal(photo?.top[0]?.label, first);
    if (second !== undefined) assert.equal(photo?.top[1]?.label, second);
    const found = photo?.top[0]?.probability ?? 0;
    assert.ok(Math.abs(found - probability) < 0.08, `${name}: ${found}`);
  }
});

test('DigitsCnn knows 392 of the 400 digits that it was not trained on', async () => {
  const digits = await classify('DigitsCnn', 50);
  assert.equal(digits.length, 400);
  assert.equal(digits.filter(({ label, top }) => label === top[0]?.label).length, 392);
});
