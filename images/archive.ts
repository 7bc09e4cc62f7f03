import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, link, mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file of an image: where it is here, and its absolute path there. */
export interface ImageFile {
  readonly source: string;
  readonly target: string;
  /** What it holds there, where that is not what the source does. */
  readonly content?: string;
}

export interface Image {
  /** `name:tag`, with a registry's name in front. */
  readonly reference: string;
  readonly files: readonly ImageFile[];
  /** The runtime's part of the image's configuration. */
  readonly config: {
    readonly User?: string;
    readonly WorkingDir?: string;
    readonly Env?: readonly string[];
    readonly Entrypoint: readonly string[];
  };
}

const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
};

/**
 * Writes an image of one layer as an archive that `ctr images import` and `docker load` read
 * (https://github.com/opencontainers/image-spec/blob/main/image-layout.md). Equal files give an equal image. The
 * archive appears whole or not at all.
 */
export async function writeImage({ reference, files, config }: Image, archive: string): Promise<void> {
  await mkdir(dirname(archive), { recursive: true });
  // Beside the archive, so that it can be renamed.
  const scratch = await mkdtemp(`${archive}.`);
  try {
    const [tree, layout] = [join(scratch, 'tree'), join(scratch, 'layout')];
    // A hard link changes its file's status, and another image that is written of it meanwhile would fail.
    await place(files, tree, (source, path) => symlink(resolve(source), path));
    const blobs = join(layout, 'blobs', 'sha256');
    await mkdir(blobs, { recursive: true });
    await tar(tree, join(scratch, 'layer.tar'));
    const layer = await addFile(blobs, join(scratch, 'layer.tar'));
    const platform = { architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux' };
    const settings = await addJson(blobs, {
      ...platform,
      config,
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    });
    const manifest = await addJson(blobs, {
      schemaVersion: 2,
      mediaType: types.manifest,
      config: { mediaType: types.config, ...settings },
      layers: [{ mediaType: types.layer, ...layer }],
    });
    const annotations = { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': reference };
    const manifests = [{ mediaType: types.manifest, ...manifest, annotations, platform }];
    const index = { schemaVersion: 2, mediaType: types.index, manifests };
    await writeFile(join(layout, 'index.json'), JSON.stringify(index));
    await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    await tar(layout, join(scratch, 'image.tar'));
    await rename(join(scratch, 'image.tar'), archive);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Puts files at their places under `tree`, linked where that is possible. */
export async function stage(files: readonly ImageFile[], tree: string): Promise<void> {
  await place(files, tree, (source, path) => link(source, path).catch(() => cp(source, path, { dereference: true })));
}

async function place(
  files: readonly ImageFile[],
  tree: string,
  put: (source: string, path: string) => Promise<void>,
): Promise<void> {
  await mkdir(tree, { recursive: true });
  for (const { source, target, content } of files) {
    const path = join(tree, target);
    await mkdir(dirname(path), { recursive: true });
    if (content !== undefined) await writeFile(path, content);
    else await put(source, path);
  }
}

interface Blob {
  readonly digest: string;
  readonly size: number;
}

async function addFile(blobs: string, file: string): Promise<Blob> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  const [hex, { size }] = [hash.digest('hex'), await stat(file)];
  await rename(file, join(blobs, hex));
  return { digest: `sha256:${hex}`, size };
}

async function addJson(blobs: string, value: unknown): Promise<Blob> {
  const content = Buffer.from(JSON.stringify(value));
  const hex = createHash('sha256').update(content).digest('hex');
  await writeFile(join(blobs, hex), content);
  return { digest: `sha256:${hex}`, size: content.length };
}

async function tar(folder: string, archive: string): Promise<void> {
  const equal = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=u+rw,go+rX,go-w'];
  // Two names of one file are two files: a hard link in a layer keeps what it names from being replaced alone.
  await run('tar', [
    '--create',
    '--dereference',
    '--hard-dereference',
    ...equal,
    '--file',
    archive,
    '--directory',
    folder,
    '.',
  ]);
}
