import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** This machine or user cannot run nodes. */
export class NodesUnsupported extends Error {
  readonly code = 'TEST_NODES_UNSUPPORTED';
  constructor(reason: string) {
    super(`no nodes can run here: ${reason}; set SPLITLAB_TEST_CLUSTER=given to use the cluster of your KUBECONFIG`);
    this.name = 'NodesUnsupported';
  }
}

/** Throws `NodesUnsupported` unless this is root on Linux with the tools that make namespaces. */
export async function requireNodes(): Promise<void> {
  if (process.platform !== 'linux') throw new NodesUnsupported('they need Linux');
  if (process.getuid?.() !== 0) throw new NodesUnsupported('they need root');
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const tool of ['unshare', 'nsenter', 'ip', 'bridge', 'sysctl', 'apt-get', 'dpkg-deb', 'tar']) {
    const found = folders.map((folder) => access(join(folder, tool), constants.X_OK));
    await Promise.any(found).catch(() => {
      throw new NodesUnsupported(`there is no ${tool} on PATH`);
    });
  }
}
