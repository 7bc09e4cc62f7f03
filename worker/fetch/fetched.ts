import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Input, Model } from '../../api/manifest/manifest.ts';
import { FatalError } from '../fatal.ts';
import { limits } from '../input/limits.ts';
import { type DownloadOptions, download, type Source } from './download.ts';
import { DigestMismatch, FetchFailed } from './errors.ts';
import { readHeaders } from './headers.ts';
import type { FetchProgress } from './progress.ts';

/** What fetching needs besides the manifest. */
export interface Fetching {
  /** Folder of the cache that downloads go into. */
  readonly cacheFolder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
  readonly patience?: DownloadOptions['patience'];
}

/** Far beyond any model that two workers would load. */
const modelBytes = 200 * 2 ** 30;
const inputBytes = Math.max(limits.imageBytes, limits.tensorBytes);

/**
 * The model's file of `spec.model.http`, fetched into the cache with the companions beside it. `headersFolder` holds
 * what is sent with each request to the origin of each URL. Throws a `FatalError` led by the manifest's field,
 * `CacheUnwritable`, or the signal's reason.
 */
export async function fetchModel(
  http: NonNullable<Model['http']>,
  headersFolder: string | null,
  fetching: Fetching,
): Promise<string> {
  const files = [{ source: http, name: nameOf(http.url) ?? 'model.onnx' }];
  for (const source of http.companions ?? []) {
    const name = nameOf(source.url);
    if (name === null || files.some((file) => file.name === name)) {
      const problem = `the URL ends in ${name === null ? 'no name' : `"${name}" as another does`}`;
      const remedy = 'companions lie beside the model under the last part of their URL';
      throw new FatalError('ModelInvalid', `spec.model.http.companions: ${problem}; ${remedy}`);
    }
    files.push({ source, name });
  }
  const headers = headersFolder === null ? {} : await readHeaders(headersFolder);
  const folder = folderOf(files, fetching);
  for (const { source, name } of files) {
    await fetchInto(folder, source, { what: 'Model', name, headers, maxBytes: modelBytes }, fetching);
  }
  return join(folder, files[0]?.name ?? '');
}

/** The file of `spec.input.http`, fetched into the cache. Throws as `fetchModel` does. */
export async function fetchInput(http: NonNullable<Input['http']>, fetching: Fetching): Promise<string> {
  const name = nameOf(http.url) ?? 'input';
  const folder = folderOf([{ source: http, name }], fetching);
  await fetchInto(folder, http, { what: 'Input', name, headers: {}, maxBytes: inputBytes }, fetching);
  return join(folder, name);
}

async function fetchInto(
  folder: string,
  source: Source,
  { what, name, ...options }: Pick<DownloadOptions, 'headers' | 'maxBytes'> & Pick<FetchProgress, 'what' | 'name'>,
  { signal, onProgress, patience }: Fetching,
): Promise<void> {
  try {
    await download(source, {
      ...options,
      path: join(folder, name),
      signal: signal ?? new AbortController().signal,
      ...(patience && { patience }),
      onProgress: (bytes, totalBytes) => onProgress?.({ what, name, bytes, totalBytes }),
    });
  } catch (error) {
    if (!(error instanceof FetchFailed || error instanceof DigestMismatch)) throw error;
    throw new FatalError(error.code, `spec.${what.toLowerCase()}.http: ${error.message}`, { cause: error });
  }
}

/** Named by what is in it: one file by its SHA-256, several by that of all their digests and names. */
function folderOf(files: readonly { readonly source: Source; readonly name: string }[], { cacheFolder }: Fetching) {
  const [first, ...companions] = files;
  const all = createHash('sha256').update(files.map(({ source, name }) => `${source.sha256} ${name}\n`).join(''));
  return join(cacheFolder, 'fetched', companions.length === 0 ? (first?.source.sha256 ?? '') : all.digest('hex'));
}

/** The last part of the URL's path; null where that cannot be a file's name. */
function nameOf(url: string): string | null {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    const name = decodeURIComponent(last);
    return /^[^./\\\0][^/\\\0]{0,199}$/.test(name) ? name : null;
  } catch {
    return null;
  }
}
