import sharp from 'sharp';
import type { Tensor } from '../tensor.ts';
import { InputFileError, messageOf } from './errors.ts';
import { limits } from './limits.ts';
import { normalisePixels } from './normalise.ts';
import type { PreprocessPlan } from './preprocess.ts';

// A decode is timed again and again: nothing may be remembered between two, and one thread keeps them comparable.
sharp.cache(false);
sharp.concurrency(1);

/** The grey around a letterboxed image, as YOLO's authors fill it. */
const grey = { r: 114, g: 114, b: 114 };

/**
 * Decodes an image file, turns it upright, resizes (bicubic) and crops it. Gives height x width x 3 bytes, RGB, at the
 * model's size. Throws InputFileError (`name` says which file) for bytes that are no image or one of too many pixels.
 */
export async function decodeToPixels(name: string, file: Uint8Array, plan: PreprocessPlan): Promise<Uint8Array> {
  const { width, height, resize } = plan;
  try {
    const image = sharp(file, { limitInputPixels: limits.imagePixels, failOn: 'error' }).autoOrient();
    if (resize.mode === 'Shortest') {
      const { coverWidth, coverHeight } = resize;
      image.resize({ width: coverWidth, height: coverHeight, fit: 'cover', kernel: 'cubic' });
      image.extract({ left: (coverWidth - width) >> 1, top: (coverHeight - height) >> 1, width, height });
    } else {
      const fit = resize.mode === 'Stretch' ? 'fill' : 'contain';
      image.resize({ width, height, fit, kernel: 'cubic', background: grey });
    }
    return await image.removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer();
  } catch (error) {
    throw new InputFileError(
      name,
      `not decodable (${messageOf(error)})`,
      'give a JPEG, PNG, WebP or similar image',
      error,
    );
  }
}

/** The tensor of an image file; see `decodeToPixels` and `normalisePixels`, of which it is made. */
export async function preprocessImage(name: string, file: Uint8Array, plan: PreprocessPlan): Promise<Tensor> {
  return normalisePixels(await decodeToPixels(name, file, plan), plan);
}
