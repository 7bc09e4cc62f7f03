import { open, readdir, realpath, stat } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import { InputFileError, messageOf } from './errors.ts';
import { limits } from './limits.ts';

const imageExtensions = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'];

export function isImageFile(path: string): boolean {
  return imageExtensions.includes(extname(path).toLowerCase());
}

/** Whether a path is a file or a folder. Throws InputFileError for neither. */
export async function kindOf(path: string): Promise<'File' | 'Folder'> {
  const found = await stat(path).catch((error: unknown) => {
    throw new InputFileError(path, messageOf(error), 'paths start at the folder of the manifest', error);
  });
  if (found.isDirectory()) return 'Folder';
  if (found.isFile()) return 'File';
  throw new InputFileError(
    path,
    'neither a file nor a folder',
    'give an image, a folder of images, a .npy or .npz file',
  );
}

/** The bytes of a file. Throws InputFileError where there are more than `maxBytes`, or no regular file. */
export async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  if ((await kindOf(path)) !== 'File') throw new InputFileError(path, 'a folder', 'give a file');
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) {
      throw new InputFileError(path, `${size} bytes, more than ${maxBytes}`, 'give a smaller file');
    }
    const { buffer, byteOffset, byteLength } = await file.readFile();
    return new Uint8Array(buffer, byteOffset, byteLength);
  } finally {
    await file.close();
  }
}

/** The images of a folder by name, in the order of their names. Throws InputFileError for none or too many. */
export async function imagesOf(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter(isImageFile).sort();
  if (names.length === 0) {
    throw new InputFileError(folder, 'holds no image', `images are files ending in ${imageExtensions.join(', ')}`);
  }
  if (names.length > limits.items) {
    throw new InputFileError(folder, `${names.length} images, more than ${limits.items}`, 'give a smaller folder');
  }
  return names;
}

/** The path of a file of a folder. Throws InputFileError where it, or what it is a link to, lies outside. */
export async function pathInside(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  const outside = new InputFileError(name, `lies outside ${folder}`, 'put it inside the source');
  if (isAbsolute(name) || isOutside(folder, path)) throw outside;
  const [realFolder, realPath] = await Promise.all([realpath(folder), realpath(path)]).catch((error: unknown) => {
    throw new InputFileError(path, messageOf(error), 'paths inside a source start at its folder', error);
  });
  if (isOutside(realFolder, realPath)) throw outside;
  return path;
}

function isOutside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}
