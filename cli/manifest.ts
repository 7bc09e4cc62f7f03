import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Manifest } from '../api/manifest/manifest.ts';
import { parseManifest } from '../api/manifest/parse.ts';
import type { Problem, Warning } from '../api/manifest/problem.ts';
import { findIneffective, findUnsupported } from '../api/unsupported.ts';

export interface ManifestOptions {
  /** Assignments `path=value`, made before the check. */
  readonly set?: readonly string[];
  /** Sources that are given a folder: `pvc/NAME=DIR`, `configmap/NAME=DIR`, `secret/NAME=DIR`. */
  readonly bind?: readonly string[];
}

/** A manifest as far as it could be read, and everything that is wrong with it for a local run. */
export interface LoadedManifest {
  /** Null where it could not be read. */
  readonly manifest: Manifest | null;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
  /** Where its relative paths start. */
  readonly folder: string;
  readonly binds: Readonly<Record<string, string>>;
}

/** Reads and checks a manifest; `-` is standard input. */
export async function loadManifest(
  file: string,
  options: ManifestOptions,
  stdin: NodeJS.ReadableStream,
): Promise<LoadedManifest> {
  const source = file === '-' ? 'standard input' : file;
  const folder = file === '-' ? process.cwd() : dirname(resolve(file));
  const { binds, problems: bindProblems } = await readBinds(options.bind ?? []);
  const nothing = { manifest: null, warnings: [], folder, binds };
  let content: string;
  try {
    content = file === '-' ? await text(stdin) : await readFile(file, 'utf8');
  } catch (error) {
    const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { ...nothing, problems: [{ path: '', message, remedy: 'name a file that holds a manifest', source }] };
  }
  const parsed = parseManifest(content, source, { set: options.set ?? [] });
  const context = { cluster: false, binds: new Set(Object.keys(binds)) };
  const placed = (problem: Problem): Problem => ({ ...problem, ...parsed.locate(problem.path) });
  const unsupported = findUnsupported(parsed.ok ? parsed.manifest : parsed.written, context).map(placed);
  if (!parsed.ok) return { ...nothing, problems: [...parsed.problems, ...unsupported, ...bindProblems] };
  return {
    manifest: parsed.manifest,
    problems: [...unsupported, ...bindProblems],
    warnings: findIneffective(parsed.manifest, context).map(placed),
    folder,
    binds,
  };
}

const bindPattern = /^((?:pvc|configmap|secret)\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?)=(.+)$/;

async function readBinds(texts: readonly string[]) {
  const binds: Record<string, string> = {};
  const problems: Problem[] = [];
  for (const option of texts) {
    const [, name, , folder] = bindPattern.exec(option) ?? [];
    const complain = (message: string, remedy: string) =>
      problems.push({ path: '', value: option, message, remedy, source: `--bind ${option}` });
    if (name === undefined || folder === undefined) {
      complain('is no binding', 'write pvc/NAME=DIR, configmap/NAME=DIR or secret/NAME=DIR');
    } else if (!(await isFolder(folder))) complain(`${folder} is no folder`, 'name a folder that exists');
    else binds[name] = resolve(folder);
  }
  return { binds, problems };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
