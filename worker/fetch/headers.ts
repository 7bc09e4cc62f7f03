import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The HTTP headers in a folder that a Secret is mounted at: a file per header, named as it, without the line's end that
 * editors leave. Names that begin with a dot are the kubelet's own.
 */
export async function readHeaders(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const read = async (name: string) => [name, (await readFile(join(folder, name), 'utf8')).trimEnd()] as const;
  return Object.fromEntries(await Promise.all(names.map(read)));
}
