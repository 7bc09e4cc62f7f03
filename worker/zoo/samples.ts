import { fileURLToPath } from 'node:url';
import type { SampleName } from '../input/spec.ts';

/** A sample as the source of inputs that it is: a file or a folder, and a csv file with labels in the same folder. */
export interface Sample {
  readonly path: string;
  readonly labels: string;
}

/**
 * What the zoo ships to feed models with. `Cat` and `Photos` are photographs (`boats.jpg` has no label: no class of
 * ImageNet is certainly right); `Digits` are 400 digits that DigitsCnn was not trained on.
 */
export const samples: Readonly<Record<SampleName, Sample>> = {
  Cat: { path: dataPath('photos/cat.png'), labels: 'labels.csv' },
  Photos: { path: dataPath('photos'), labels: 'labels.csv' },
  Digits: { path: dataPath('digits/digits.npz'), labels: 'labels.csv' },
};

/** Where a file of the zoo's data folder is. */
export function dataPath(name: string): string {
  return fileURLToPath(new URL(`data/${name}`, import.meta.url));
}
