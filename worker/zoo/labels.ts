import { readFile } from 'node:fs/promises';
import { dataPath } from './samples.ts';

/** A set of class names: the 1,000 of ImageNet in their usual order, or the ten digits. */
export type ClassSet = 'ImageNet' | 'Digits';

/** The names of the classes in output order. */
export async function classNames(set: ClassSet): Promise<readonly string[]> {
  if (set === 'Digits') return Array.from({ length: 10 }, (_, digit) => `${digit}`);
  const names: unknown = JSON.parse(await readFile(dataPath('imagenet-labels.json'), 'utf8'));
  if (!Array.isArray(names)) throw new TypeError('imagenet-labels.json is not a list');
  return names.map(String);
}
