import { join } from 'node:path';
import { writeImage } from '../../images/archive.ts';
import { pauseImage } from './node/config.ts';
import { pause } from './programs/components.ts';

/** Writes the archive of the image of every pod's first container. */
export async function writePauseImage(folder: string): Promise<string> {
  const archive = join(folder, 'pause.tar');
  const files = [{ source: await pause(), target: '/pause' }];
  await writeImage({ reference: pauseImage, files, config: { User: '65535', Entrypoint: ['/pause'] } }, archive);
  return archive;
}
