import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { OnnxModel } from './model.ts';
import { readModel } from './read.ts';

/**
 * Digest of a model with everything that its outputs depend on, as `sha256:` and 64 hex digits: of the file itself or,
 * where weights lie in files beside it, of the digests of all files by name.
 */
export async function modelDigest(path: string): Promise<string> {
  const model = await readModel(path);
  const own = await sha256File(join(model.folder, model.file));
  const others = externalFiles(model);
  if (others.length === 0) return `sha256:${own}`;
  const all = createHash('sha256').update(`${own}\n`);
  for (const name of others) all.update(`${name} ${await sha256File(join(model.folder, name))}\n`);
  return `sha256:${all.digest('hex')}`;
}

function externalFiles({ graph, file }: OnnxModel): string[] {
  const locations = [...graph.initializers.values()].flatMap(({ storage }) =>
    storage.kind === 'File' ? [storage.range.location] : [],
  );
  return [...new Set(locations)].filter((location) => location !== file).sort();
}

async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 4 << 20 }), hash);
  return hash.digest('hex');
}
