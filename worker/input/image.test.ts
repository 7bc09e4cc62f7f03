import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { InputFileError } from './errors.ts';
import { decodeToPixels } from './image.ts';
import { preprocessPlan } from './preprocess.ts';
import type { CustomPreprocess } from './spec.ts';

const plan = (size: number, custom: CustomPreprocess) =>
  preprocessPlan({ type: 'Custom', custom }, [{ name: 'x', type: 'float32', shape: [1, 3, size, size] }]);
const stretch = (size: number) => plan(size, { resize: 'Stretch' });

/** Red on the left, blue on the right; twice as wide as high. */
const halves = sharp({ create: { width: 40, height: 40, channels: 3, background: '#ff0000' } }).extend({
  right: 40,
  background: '#0000ff',
});

/** The colour of a pixel, column first. */
function colour(pixels: Uint8Array, size: number, column: number, row: number): number[] {
  const start = (row * size + column) * 3;
  return [...pixels.subarray(start, start + 3)];
}

test('Stretch shows the whole image, Shortest its centre, Letterbox the whole between grey', async () => {
  const file = await halves.png().toBuffer();
  const stretched = await decodeToPixels('a.png', file, stretch(20));
  assert.equal(stretched.length, 20 * 20 * 3);
  assert.deepEqual(colour(stretched, 20, 0, 0), [255, 0, 0]);
  assert.deepEqual(colour(stretched, 20, 19, 19), [0, 0, 255]);

  const letterboxed = await decodeToPixels('a.png', file, plan(20, { resize: 'Letterbox' }));
  assert.deepEqual(colour(letterboxed, 20, 0, 0), [114, 114, 114]);
  assert.deepEqual(colour(letterboxed, 20, 0, 10), [255, 0, 0]);
  assert.deepEqual(colour(letterboxed, 20, 19, 10), [0, 0, 255]);

  const cropped = await decodeToPixels(
    'a.png',
    file,
    plan(20, { resize: 'Shortest', size: { height: 40, width: 40 } }),
  );
  assert.equal(cropped.length, 20 * 20 * 3);
  assert.deepEqual(colour(cropped, 20, 8, 0), [255, 0, 0]);
  assert.deepEqual(colour(cropped, 20, 12, 19), [0, 0, 255]);
});

test('grey, transparent and 16-bit images become RGB8', async () => {
  const grey = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#505050' } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
  const transparent = await sharp({ create: { width: 4, height: 4, channels: 4, background: '#102030' } })
    .png()
    .toBuffer();
  const deep = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#ff8000' } })
    .toColourspace('rgb16')
    .png()
    .toBuffer();
  assert.equal((await sharp(grey).metadata()).channels, 1);
  assert.equal((await sharp(deep).metadata()).depth, 'ushort');
  const pixel = async (file: Buffer) => {
    const pixels = await decodeToPixels('a.png', file, stretch(2));
    assert.equal(pixels.length, 2 * 2 * 3);
    return colour(pixels, 2, 0, 0);
  };
  assert.deepEqual(await pixel(grey), [0x50, 0x50, 0x50]);
  assert.deepEqual(await pixel(transparent), [0x10, 0x20, 0x30]);
  assert.deepEqual(await pixel(deep), [0xff, 0x80, 0x00]);
});

test('a photograph that was taken sideways stands upright', async () => {
  const file = await halves.png().withMetadata({ orientation: 6 }).toBuffer();
  const upright = await decodeToPixels('a.png', file, stretch(20));
  assert.deepEqual(colour(upright, 20, 0, 0), [255, 0, 0]);
  assert.deepEqual(colour(upright, 20, 19, 0), [255, 0, 0]);
  assert.deepEqual(colour(upright, 20, 0, 19), [0, 0, 255]);
});

test('what cannot be decoded is refused by name', async () => {
  const whole = await halves.jpeg().toBuffer();
  const huge = await sharp({ create: { width: 20_000, height: 6000, channels: 3, background: 'black' } })
    .png()
    .toBuffer();
  for (const file of [Buffer.from('no image'), whole.subarray(0, 300), huge, Buffer.alloc(0)]) {
    await assert.rejects(
      decodeToPixels('holiday.jpg', file, stretch(20)),
      (error: unknown) => error instanceof InputFileError && /^holiday\.jpg: not decodable/.test(error.message),
    );
  }
});
