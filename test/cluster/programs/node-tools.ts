import { debianPrograms } from './debian.ts';

// With the libraries that the programs need beyond those of any Debian system.
const packages = [
  ...['containerd', 'runc', 'libseccomp2', 'containernetworking-plugins', 'nftables', 'libnftables1', 'libnftnl11'],
  ...['libmnl0', 'libjansson4', 'libedit2', 'libgmp10', 'libxtables12'],
];

/** A folder with the file tree of containerd, runc, the CNI plugins and nft. Throws `ProgramMissing`. */
export async function nodeTools(): Promise<string> {
  return debianPrograms({ name: 'node-tools', program: 'containerd', packages });
}
