import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../../../cli/programs/cached.ts';
import { ProgramMissing } from '../../../cli/programs/errors.ts';
import { command } from '../command.ts';

export interface DebianPrograms {
  /** What the folder in the cache is called, before the release. */
  readonly name: string;
  /** What is missing where the packages cannot be had. */
  readonly program: string;
  readonly packages: readonly string[];
}

/**
 * A folder with the file tree of Debian packages of this machine's release, unpacked and not installed (10 s, once).
 * Throws `ProgramMissing` on another kind of system.
 */
export async function debianPrograms({ name, program, packages }: DebianPrograms): Promise<string> {
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(await readFile('/etc/os-release', 'utf8').catch(() => ''))?.[1];
  if (release === undefined) throw new ProgramMissing(program, 'this is no release of Debian or Ubuntu');
  return cached({
    name: `${name}-${release}`,
    announce: `fetching ${packages.join(', ')} from the packages of ${release} (10 s, once)`,
    async make(into, scratch) {
      const apt = join(scratch, 'apt');
      const [lists, archives] = [join(apt, 'lists'), join(apt, 'archives')];
      for (const folder of [lists, archives]) await mkdir(join(folder, 'partial'), { recursive: true });
      // The machine's own package lists and cache stay as they are.
      const own = [`Dir::State::lists=${lists}`, `Dir::Cache=${apt}`, 'APT::Sandbox::User='];
      const options = own.flatMap((option) => ['--option', option]);
      const runApt = (args: readonly string[]) =>
        command('apt-get', [...options, ...args], { folder: archives }).catch((cause: unknown) => {
          throw new ProgramMissing(program, 'its Debian package cannot be fetched', { cause });
        });
      await runApt(['update']);
      await runApt(['download', ...packages]);
      for (const file of await readdir(archives)) {
        if (file.endsWith('.deb')) await command('dpkg-deb', ['--extract', join(archives, file), into]);
      }
    },
  });
}
