import { unzipSync } from 'fflate';
import { InputFileError, messageOf } from './errors.ts';
import { type NpyArray, parseNpy } from './npy.ts';

const maxEntries = 1000;

/**
 * Reads the arrays of a .npz file (a zip archive of .npy files) by name, stored or compressed. Throws InputFileError,
 * before anything is unpacked, where the arrays together would take more than `maxBytes`.
 */
export function parseNpz(name: string, file: Uint8Array, maxBytes: number): ReadonlyMap<string, NpyArray> {
  let [entries, total] = [0, 0];
  const fits = (entry: { name: string; size: number; originalSize: number; compression: number }) => {
    if (++entries > maxEntries) {
      throw new InputFileError(name, `more than ${maxEntries} entries`, 'save one array for each input of the model');
    }
    if (!entry.name.endsWith('.npy')) return false;
    // A stored entry is cut out by `size`, whatever its original size claims.
    total += Math.max(entry.originalSize, entry.compression === 0 ? entry.size : 0);
    if (total <= maxBytes) return true;
    throw new InputFileError(name, `unpacks to more than ${maxBytes} bytes`, 'give fewer or smaller samples');
  };
  const arrays = Object.entries(unzip(name, file, fits));
  if (arrays.length === 0) throw new InputFileError(name, 'holds no array', 'write it with numpy.savez');
  return new Map(arrays.map(([entry, bytes]) => [entry.slice(0, -'.npy'.length), parseNpy(`${name}/${entry}`, bytes)]));
}

type Filter = NonNullable<Parameters<typeof unzipSync>[1]>['filter'];

function unzip(name: string, file: Uint8Array, filter: NonNullable<Filter>): Record<string, Uint8Array> {
  try {
    return unzipSync(file, { filter });
  } catch (error) {
    if (error instanceof InputFileError) throw error;
    throw new InputFileError(name, `not a readable zip archive (${messageOf(error)})`, 'write the file again', error);
  }
}
