import { execFile } from 'node:child_process';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { ImageFile } from './archive.ts';
import { javascript } from './javascript.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

/** The images of this project and the folders of ours that each holds. */
export const images = {
  'worker-cpu': ['api', 'meters', 'store', 'worker'],
  'worker-cuda': ['api', 'meters', 'store', 'worker'],
  operator: ['api', 'meters', 'operator', 'store'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ImageName = keyof typeof images;

/** Where an image has the project, and its Node. */
export const appFolder = '/app';
export const nodePath = '/usr/local/bin/node';

/**
 * The files of an image without its base: Node, our own sources, and the packages that these import with all they depend
 * on, for this machine's platform alone. `images/Dockerfile` and the test cluster's images are made of them.
 */
export async function imageFiles(name: ImageName): Promise<ImageFile[]> {
  const own = await ownFiles(images[name]);
  const packages = await closure(await importedPackages(own));
  const theirs = await Promise.all(packages.map(packageFiles));
  const inApp = (path: string) => ({ source: join(root, path), target: join(appFolder, path) });
  return [
    { source: join(root, 'node_modules/node/bin/node'), target: nodePath },
    ...['package.json', 'LICENSE', 'NOTICE', ...theirs.flat()].map(inApp),
    ...(await Promise.all(own.map(inApp).map(asJavaScript))),
  ];
}

/** Node that takes the types away itself holds 30 MB more for as long as it runs, and a worker starts in twice the time. */
async function asJavaScript({ source, target }: ImageFile): Promise<ImageFile> {
  if (!target.endsWith('.ts')) return { source, target };
  return { source, target: target.replace(/ts$/, 'js'), content: javascript(await readFile(source, 'utf8')) };
}

/** The shared libraries that the programs among `files` need from the system, at the paths where they are here. */
export async function systemLibraries(files: readonly ImageFile[]): Promise<ImageFile[]> {
  const found = new Set<string>();
  for (const { source } of files) {
    if (!/(\.node|\.so(\.\d+)*|\/[\w-]+)$/.test(source)) continue;
    // It fails for what is no program, or one that needs no library.
    const { stdout } = await run('ldd', [source]).catch(() => ({ stdout: '' }));
    for (const [, path = ''] of stdout.matchAll(/(\/\S+) \(0x/g)) if (!isInProject(path)) found.add(path);
  }
  return Promise.all([...found].map(async (path) => ({ source: await realpath(path), target: path })));
}

const inProject = await realpath(join(root, 'node_modules'));

function isInProject(library: string): boolean {
  return library.includes('/node_modules/') || library.startsWith(inProject);
}

async function ownFiles(folders: readonly string[]): Promise<string[]> {
  const all = (await Promise.all(folders.map((folder) => filesIn(folder)))).flat();
  return all.filter((path) => !/\.test\.ts$|\/(testing|training)\//.test(path));
}

/** Paths of all files below a folder of the project, from the project's. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

async function importedPackages(files: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const file of files.filter((path) => path.endsWith('.ts'))) {
    const text = await readFile(join(root, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/(?:from|import|import\() ?'((?:@[\w.-]+\/)?[\w.-]+)(?:\/[^']*)?'/g)) {
      if (!name.startsWith('.')) found.add(name);
    }
  }
  return [...found];
}

const manifestSchema = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

// What only an installation script uses.
const unused: Readonly<Record<string, readonly string[]>> = { 'onnxruntime-node': ['adm-zip', 'global-agent'] };

/** Folders of packages with all that they depend on, as installed; optional ones that are not installed are left out. */
async function closure(names: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  const add = async (name: string, from: string): Promise<void> => {
    const nested = join(from, 'node_modules', name);
    const folder = (await readManifest(nested)) ? nested : join('node_modules', name);
    const manifest = await readManifest(folder);
    if (manifest === null || found.has(folder)) return;
    found.add(folder);
    const { dependencies, optionalDependencies } = manifest;
    for (const one of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (!unused[name]?.includes(one)) await add(one, folder);
    }
  };
  for (const name of names) await add(name, '');
  return [...found].sort();
}

async function readManifest(folder: string): Promise<z.infer<typeof manifestSchema> | null> {
  const text = await readFile(join(root, folder, 'package.json'), 'utf8').catch(() => null);
  return text === null ? null : manifestSchema.parse(JSON.parse(text));
}

/**
 * A package's files but those for readers, except its licence, for compilers (Node runs no TypeScript here) and for other
 * platforms.
 */
async function packageFiles(folder: string): Promise<string[]> {
  const isOther = /(?<!\/licen[cs]e)\.(ts|mts|cts|map|md)$|\/bin\/napi-v\d+\/(?!linux\/)/i;
  const all = (await filesIn(folder)).filter((path) => !path.slice(folder.length).includes('/node_modules/'));
  return all.filter((path) => !isOther.test(path) && !isForeignArchitecture(path));
}

function isForeignArchitecture(path: string): boolean {
  const architecture = /\/bin\/napi-v\d+\/linux\/(\w+)\//.exec(path)?.[1];
  return architecture !== undefined && architecture !== process.arch;
}
