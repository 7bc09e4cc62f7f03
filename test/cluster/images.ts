import { join } from 'node:path';
import { findNatsServer } from '../../cli/nats-server.ts';
import { writeImage } from '../../images/archive.ts';
import { imageUser } from '../../images/build.ts';
import { systemLibraries } from '../../images/files.ts';
import { pauseImage } from './node/config.ts';
import { pause } from './programs/components.ts';

/** Writes the archive of the image of every pod's first container. */
export async function writePauseImage(folder: string): Promise<string> {
  const archive = join(folder, 'pause.tar');
  const files = [{ source: await pause(), target: '/pause' }];
  await writeImage({ reference: pauseImage, files, config: { User: '65535', Entrypoint: ['/pause'] } }, archive);
  return archive;
}

/** The reference by which pods name {@link writeNatsImage}'s image. */
export const natsImage = 'splitlab.dev/nats:dev';

/** Writes the archive of an image whose program is the NATS server that local runs use too. */
export async function writeNatsImage(folder: string): Promise<string> {
  const archive = join(folder, 'nats.tar');
  const binary = [{ source: await findNatsServer(), target: '/bin/nats-server' }];
  const files = [...binary, ...(await systemLibraries(binary))];
  await writeImage(
    { reference: natsImage, files, config: { User: imageUser, Entrypoint: ['/bin/nats-server'] } },
    archive,
  );
  return archive;
}
