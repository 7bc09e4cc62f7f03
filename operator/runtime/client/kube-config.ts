import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { ConnectionConfig, Credentials, TlsMaterial } from './credentials.ts';
import { ConnectionConfigError } from './errors.ts';

const tlsFields = ['ca', 'cert', 'key', 'passphrase', 'servername', 'rejectUnauthorized'] as const;

function tlsOf(options: RequestOptions): TlsMaterial {
  const set = tlsFields.filter((field) => options[field] !== undefined).map((field) => [field, options[field]]);
  return Object.fromEntries(set);
}

function headersOf(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (typeof value === 'string') headers[name.toLowerCase()] = value;
  }
  if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return headers;
}

/** The same settings with nothing remembered: client-node keeps what a credential plugin said until it expires. */
function forgetful(kubeConfig: KubeConfig): KubeConfig {
  const copy = new KubeConfig();
  const { clusters, contexts, users, currentContext } = kubeConfig;
  copy.loadFromOptions({ clusters, contexts, users, currentContext });
  return copy;
}

/**
 * The way to the API server that the current context of a kubeconfig file describes: client certificates, tokens,
 * credential plugins and identity providers as client-node implements them. Throws ConnectionConfigError.
 */
export function kubeConfigConnection(kubeConfig: KubeConfig): ConnectionConfig {
  const context = kubeConfig.getCurrentContext();
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster) {
    throw new ConnectionConfigError(
      `the kubeconfig's current context "${context}" names no cluster: kubectl config use-context`,
    );
  }
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    throw new ConnectionConfigError(
      `${cluster.server} is not encrypted: use https, or set insecure-skip-tls-verify for cluster "${cluster.name}"`,
    );
  }
  let current = kubeConfig;
  return {
    server: new URL(cluster.server),
    proxy: cluster.proxyUrl ? new URL(cluster.proxyUrl) : null,
    namespace: kubeConfig.getContextObject(context)?.namespace ?? 'default',
    async credentials(fresh): Promise<Credentials> {
      if (fresh) current = forgetful(kubeConfig);
      const options: RequestOptions = { headers: {} };
      try {
        await current.applyToHTTPSOptions(options);
      } catch (error) {
        throw new ConnectionConfigError(`the credentials of context "${context}" could not be had`, error);
      }
      return { headers: headersOf(options), tls: tlsOf(options) };
    },
  };
}

/** Loads what kubectl would: the files in KUBECONFIG, else ~/.kube/config. Throws ConnectionConfigError. */
export function loadKubeConfig(): ConnectionConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  return kubeConfigConnection(kubeConfig);
}
