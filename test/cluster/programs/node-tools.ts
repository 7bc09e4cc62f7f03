import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../../../cli/programs/cached.ts';
import { ProgramMissing } from '../../../cli/programs/errors.ts';
import { command } from '../command.ts';

// With the libraries that the programs need beyond those of any Debian system.
const packages = [
  ...['containerd', 'runc', 'libseccomp2', 'containernetworking-plugins', 'nftables', 'libnftables1', 'libnftnl11'],
  ...['libmnl0', 'libjansson4', 'libedit2', 'libgmp10', 'libxtables12'],
];

/**
 * A folder with the file tree of containerd, runc, the CNI plugins and nft. It comes from the Debian packages of this
 * machine's release, unpacked and not installed (10 s, once). Throws `ProgramMissing` on another kind of system.
 */
export async function nodeTools(): Promise<string> {
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(await readFile('/etc/os-release', 'utf8').catch(() => ''))?.[1];
  if (release === undefined) throw new ProgramMissing('containerd', 'this is no release of Debian or Ubuntu');
  return cached({
    name: `node-tools-${release}`,
    announce: `fetching containerd, runc, CNI plugins and nftables from the packages of ${release} (10 s, once)`,
    async make(into, scratch) {
      const apt = join(scratch, 'apt');
      const [lists, archives] = [join(apt, 'lists'), join(apt, 'archives')];
      for (const folder of [lists, archives]) await mkdir(join(folder, 'partial'), { recursive: true });
      // The machine's own package lists and cache stay as they are.
      const own = [`Dir::State::lists=${lists}`, `Dir::Cache=${apt}`, 'APT::Sandbox::User='];
      const options = own.flatMap((option) => ['--option', option]);
      const runApt = (args: readonly string[]) =>
        command('apt-get', [...options, ...args], { folder: archives }).catch((cause: unknown) => {
          throw new ProgramMissing('containerd', 'its Debian package cannot be fetched', { cause });
        });
      await runApt(['update']);
      await runApt(['download', ...packages]);
      for (const name of await readdir(archives)) {
        if (name.endsWith('.deb')) await command('dpkg-deb', ['--extract', join(archives, name), into]);
      }
    },
  });
}
