import { execFile } from 'node:child_process';
import { glob, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../cache.ts';

const run = promisify(execFile);
const debianPackage = 'libonnx-testdata';
const insidePackage = 'usr/share/libonnx-testdata/data';

/**
 * The folder with ONNX's own test models, as Debian packages them: where the package is installed, else unpacked once
 * into the cache folder. Throws when it is in neither place and cannot be downloaded.
 */
export async function corpusFolder(): Promise<string> {
  const installed = join('/', insidePackage);
  if (await exists(installed)) return installed;
  const cache = join(cacheFolder(), 'test-data');
  const unpacked = join(cache, debianPackage);
  if (!(await exists(unpacked))) await unpackInto(cache, unpacked);
  return join(unpacked, insidePackage);
}

/** Every model of the corpus, sorted by path. */
export async function corpusModels(): Promise<string[]> {
  const folder = await corpusFolder();
  const models: string[] = [];
  for await (const model of glob('**/*.onnx', { cwd: folder })) models.push(join(folder, model));
  return models.sort();
}

async function unpackInto(cache: string, target: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'unpack-'));
  try {
    await download(work);
    const archive = (await readdir(work)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new Error(`apt-get download ${debianPackage} left no archive.`);
    await run('dpkg-deb', ['-x', archive, 'content'], { cwd: work });
    // A concurrent test may have been faster; its folder is as good.
    await rename(join(work, 'content'), target).catch(async (cause) => {
      if (!(await exists(target))) throw cause;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Package lists of our own: a fresh machine has none, and its own are not ours to change. */
async function download(work: string): Promise<void> {
  const lists = join(work, 'lists');
  await mkdir(join(lists, 'partial'), { recursive: true });
  const options = ['-o', `Dir::State::Lists=${lists}`, '-o', 'APT::Sandbox::User='];
  await run('apt-get', [...options, 'update'], { cwd: work });
  await run('apt-get', [...options, 'download', debianPackage], { cwd: work });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
