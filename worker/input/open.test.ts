import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { zipSync } from 'fflate';
import { dataPath } from '../zoo/samples.ts';
import { InputFileError, InputMismatchError } from './errors.ts';
import { inputTensors } from './inputs.ts';
import { encodeNpy } from './npy.ts';
import { type OpenOptions, openInputs } from './open.ts';
import type { InputSpec, ModelInput } from './spec.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splitlab-input-'));
  await mkdir(join(folder, 'pets'));
  await copyFile(dataPath('photos/cat.png'), join(folder, 'pets', 'cat.png'));
  await copyFile(dataPath('photos/alps.jpg'), join(folder, 'pets', 'b.JPG'));
  await writeFile(join(folder, 'pets', 'labels.csv'), 'file,label\ncat.png,tabby\n');
  await writeFile(join(folder, 'secret.csv'), 'file,label\ncat.png,tabby\n');
});
after(() => rm(folder, { recursive: true }));

const image: ModelInput = { name: 'x', type: 'float32', shape: ['batch', 3, 224, 224] };
const text: readonly ModelInput[] = [
  { name: 'ids', type: 'int64', shape: ['batch', 'seq'] },
  { name: 'mask', type: 'int64', shape: ['batch', 'seq'] },
];
const textOfSeven = text.map((input): ModelInput => ({ ...input, shape: ['batch', 7] }));

function open(spec: InputSpec, members: Partial<OpenOptions> = {}) {
  return openInputs(spec, { folder, modelInputs: [image], ...members });
}

async function refused(opening: Promise<unknown>, reason: RegExp): Promise<void> {
  await assert.rejects(opening, (error: unknown) => {
    assert.ok(error instanceof InputFileError || error instanceof InputMismatchError, String(error));
    assert.match(error.message, reason);
    return true;
  });
}

test('a folder gives its images in the order of their names, labelled where the table says so', async () => {
  const inputs = await open({ file: 'pets', labels: 'labels.csv' });
  assert.ok(inputs.kind === 'Images');
  assert.deepEqual(
    inputs.items.map(({ name, label }) => [name, label]),
    [
      ['b.JPG', undefined],
      ['cat.png', 'tabby'],
    ],
  );
  assert.deepEqual(Buffer.from((await inputs.items[1]?.read()) ?? []), await readFile(dataPath('photos/cat.png')));
  const [tensor] = await inputTensors(inputs, 1);
  assert.deepEqual(tensor?.shape, [1, 3, 224, 224]);
  assert.equal(tensor?.data.length, 602_112);
  await assert.rejects(inputTensors(inputs, 2), RangeError);
});

test('one image is one input; a table of the whole folder serves it', async () => {
  const inputs = await open({ file: 'pets/cat.png', labels: 'labels.csv', preprocess: { type: 'None' } });
  assert.ok(inputs.kind === 'Images');
  assert.equal(inputs.items.length, 1);
  assert.equal(inputs.items[0]?.label, 'tabby');
  assert.equal(inputs.preprocess.scale, 1);
});

test('the samples of the zoo are there', async () => {
  const photos = await open({ sample: 'Photos' }, { preprocess: { type: 'Caffe' } });
  assert.ok(photos.kind === 'Images');
  assert.deepEqual(
    photos.items.map(({ label }) => label),
    ['alp', undefined, 'Egyptian cat'],
  );
  assert.equal(photos.preprocess.channelOrder, 'BGR');
  assert.equal((await open({ sample: 'Cat' })).items.length, 1);
  const digits = await open(
    { sample: 'Digits' },
    { modelInputs: [{ name: 'input', type: 'float32', shape: ['n', 1, 28, 28] }] },
  );
  assert.ok(digits.kind === 'Tensors');
  assert.equal(digits.items.length, 400);
  assert.ok(digits.items.every(({ label }) => /^[0-9]$/.test(label ?? '')));
  await refused(open({ sample: 'Digits' }), /no array for the model's input 'x' \(found input\)/);
  await refused(open({ sample: 'Cat', labels: 'labels.csv' }), /Cat has its own labels/);
});

test('the digest tells contents, names and labels apart', async () => {
  const digest = async (spec: InputSpec) => (await open(spec)).digest;
  const plain = await digest({ file: 'pets' });
  assert.equal(plain.length, 64);
  assert.equal(await digest({ file: join(folder, 'pets') }), plain);
  assert.notEqual(await digest({ file: 'pets', labels: 'labels.csv' }), plain);
  assert.notEqual(await digest({ file: 'pets/cat.png' }), plain);
  await copyFile(join(folder, 'pets', 'cat.png'), join(folder, 'pet.png'));
  assert.notEqual(await digest({ file: 'pet.png' }), await digest({ file: 'pets/cat.png' }));
});

test('arrays become samples along their first axis', async () => {
  const data = new Uint8Array(BigInt64Array.from({ length: 6 }, (_, index) => BigInt(index)).buffer);
  const array = encodeNpy({ type: 'int64', shape: [2, 3], data });
  await writeFile(join(folder, 'text.npz'), zipSync({ 'ids.npy': array, 'mask.npy': array }));
  await writeFile(join(folder, 'text.npy'), array);
  await writeFile(join(folder, 'text.csv'), 'file,label\n1,1\n');
  const inputs = await open(
    { file: 'text.npz', labels: 'text.csv' },
    { modelInputs: text, classNames: ['good', 'bad'] },
  );
  assert.ok(inputs.kind === 'Tensors');
  assert.deepEqual(
    inputs.items.map(({ name, label }) => [name, label]),
    [
      ['0', undefined],
      ['1', 'bad'],
    ],
  );
  const [ids, mask] = await inputTensors(inputs, 1);
  assert.deepEqual([ids?.name, mask?.name, ids?.shape], ['ids', 'mask', [1, 3]]);
  assert.deepEqual([...new BigInt64Array(ids?.data.slice().buffer ?? new ArrayBuffer(0))], [3n, 4n, 5n]);

  const single = await open({ file: 'text.npy' }, { modelInputs: text.slice(0, 1) });
  assert.equal(single.items.length, 2);
  await refused(open({ file: 'text.npy' }, { modelInputs: text }), /the model has 2 inputs.*\.npz/);
  await refused(open({ file: 'text.npy' }), /'x' is int64 \[2, 3\]; the model takes float32 \[samples, 3, 224, 224\]/);
  await refused(open({ file: 'text.npz' }, { modelInputs: textOfSeven }), /\[samples, 7\]/);
  const mixed = zipSync({
    'ids.npy': array,
    'mask.npy': encodeNpy({ type: 'int64', shape: [1, 3], data: data.slice(24) }),
  });
  await writeFile(join(folder, 'mixed.npz'), mixed);
  await refused(open({ file: 'mixed.npz' }, { modelInputs: text }), /the arrays hold 2 and 1 samples/);
  await refused(open({ file: 'text.npy', preprocess: { type: 'Caffe' } }), /input\.preprocess.*as they are/);
});

test('without a source, inputs are random; a free dimension is 1', async () => {
  const inputs = await open({}, { modelInputs: textOfSeven, randomCount: 2 });
  assert.equal(inputs.items.length, 2);
  assert.deepEqual(
    (await inputTensors(inputs, 1)).map(({ shape }) => shape),
    [
      [1, 7],
      [1, 7],
    ],
  );
  assert.deepEqual((await inputTensors(await open({}, { modelInputs: text }), 0))[0]?.shape, [1, 1]);
  assert.notEqual((await open({ random: { seed: 2 } })).digest, (await open({})).digest);
  assert.equal((await open({ random: { seed: 1 } })).digest, (await open({})).digest);
  await refused(open({ labels: 'labels.csv' }), /random inputs have no labels/);
  await refused(open({ preprocess: { type: 'Caffe' } }), /as they are/);
  await refused(open({ random: { seed: 1 }, file: 'pets' }), /more than one source/);
});

test('labels that lie elsewhere, lack their file or name no class are refused', async () => {
  await refused(open({ file: 'pets', labels: '../secret.csv' }), /lies outside/);
  await refused(open({ file: 'pets', labels: join(folder, 'secret.csv') }), /lies outside/);
  await symlink(join(folder, 'secret.csv'), join(folder, 'pets', 'linked.csv'));
  await refused(open({ file: 'pets', labels: 'linked.csv' }), /lies outside/);
  await refused(open({ file: 'pets', labels: 'absent.csv' }), /absent\.csv: ENOENT/);
  await writeFile(join(folder, 'pets', 'more.csv'), 'file,label\ncat.png,tabby\ndog.png,pug\n');
  await refused(open({ file: 'pets', labels: 'more.csv' }), /no 'dog\.png' in the source/);
  await refused(
    open({ file: 'pets', labels: 'labels.csv' }, { classNames: ['cat'] }),
    /'tabby' \(of cat\.png\) is no class/,
  );
});

test('an image that is a link out of its folder is refused', async () => {
  await mkdir(join(folder, 'links'));
  await symlink(dataPath('photos/cat.png'), join(folder, 'links', 'cat.png'));
  await refused(open({ file: 'links' }), /cat\.png: lies outside/);
});

test('what is no source is refused', async () => {
  await mkdir(join(folder, 'empty'));
  await refused(open({ file: 'absent' }), /absent: ENOENT/);
  await refused(open({ file: 'empty' }), /holds no image/);
  await refused(open({ file: 'secret.csv' }), /no kind of input/);
  await refused(open({ file: '/dev/null' }), /neither a file nor a folder/);
  await writeFile(join(folder, 'broken.png'), 'no image');
  await refused(inputTensors(await open({ file: 'broken.png' }), 0), /broken\.png: not decodable/);
});
