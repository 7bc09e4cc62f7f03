import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { encodeNpy } from '../../worker/input/npy.ts';
import { parseNpz } from '../../worker/input/npz.ts';
import { samples } from '../../worker/zoo/samples.ts';

/** Writes the first digits of the zoo's sample, with their labels, as `digits.npz` and `labels.csv` into a folder. */
export async function writeDigits(folder: string, count: number): Promise<void> {
  const { path } = samples.Digits;
  const arrays = [...parseNpz('digits.npz', await readFile(path), 1e9)].map(([name, { type, shape, data }]) => {
    const [all = 1, ...rest] = shape;
    if (type !== 'float32' && type !== 'uint8') throw new TypeError(`digits of ${type}`);
    const part = { type, shape: [count, ...rest], data: data.subarray(0, (data.length / all) * count) };
    return [`${name}.npy`, encodeNpy(part)] as const;
  });
  await writeFile(join(folder, 'digits.npz'), zipSync(Object.fromEntries(arrays)));
  const labels = await readFile(join(path, '..', 'labels.csv'), 'utf8');
  await writeFile(
    join(folder, 'labels.csv'),
    `${labels
      .split('\n')
      .slice(0, count + 1)
      .join('\n')}\n`,
  );
}
