import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionConfig } from './credentials.ts';
import { ConnectionConfigError } from './errors.ts';

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface InClusterOptions {
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Whether this process runs in a pod, by the variables that kubelet sets. */
export function isInCluster(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return Boolean(env.KUBERNETES_SERVICE_HOST && env.KUBERNETES_SERVICE_PORT);
}

/**
 * The way to the API server from inside a pod, by its service account. Kubelet replaces the token long before it ends,
 * so the files are read again whenever credentials are asked for. Throws ConnectionConfigError outside a pod.
 */
export async function inClusterConnection(options: InClusterOptions = {}): Promise<ConnectionConfig> {
  const { folder = serviceAccountFolder, env = process.env } = options;
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = env;
  if (!isInCluster(env)) {
    throw new ConnectionConfigError('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: not in a pod');
  }
  const read = async (name: string): Promise<string> => {
    try {
      return await readFile(join(folder, name), 'utf8');
    } catch (error) {
      throw new ConnectionConfigError(
        `cannot read ${join(folder, name)}: is the service account's token mounted?`,
        error,
      );
    }
  };
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    proxy: null,
    namespace: (await read('namespace')).trim(),
    async credentials() {
      const [token, ca] = await Promise.all([read('token'), read('ca.crt')]);
      return { headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } };
    },
  };
}
