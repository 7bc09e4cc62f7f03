import { basename, join } from 'node:path';
import { findJaeger } from '../../cli/jaeger/binary.ts';
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
  return writeProgramImage(natsImage, await findNatsServer(), join(folder, 'nats.tar'));
}

/** The reference by which pods name {@link writeJaegerImage}'s image. */
export const jaegerImage = 'splitlab.dev/jaeger:dev';

/** Writes the archive of an image whose program is the Jaeger of tests and demonstrations. */
export async function writeJaegerImage(folder: string): Promise<string> {
  return writeProgramImage(jaegerImage, (await findJaeger()).path, join(folder, 'jaeger.tar'));
}

/** An image of one program of this machine and the libraries that it needs. */
async function writeProgramImage(reference: string, source: string, archive: string): Promise<string> {
  const target = join('/bin', basename(source));
  const binary = [{ source, target }];
  const files = [...binary, ...(await systemLibraries(binary))];
  await writeImage({ reference, files, config: { User: imageUser, Entrypoint: [target] } }, archive);
  return archive;
}
