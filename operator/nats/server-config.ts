import { encodeAccount, encodeOperator } from '@nats-io/jwt';
import { natsLimits } from '../../api/nats-limits.ts';
import { keyPair, publicKey, type ServerKeys } from './keys.ts';

export interface ServerOptions {
  readonly port: number;
  /** Where the server listens; default every address. */
  readonly host?: string;
  readonly serverName?: string;
  /** Folder of JetStream's files. */
  readonly storeFolder: string;
  /** Port of `/healthz` and `/varz`; absent: none. */
  readonly monitorPort?: number;
  readonly cluster?: { readonly name: string; readonly port: number; readonly routes: readonly string[] };
}

const unlimited = -1;
const everything = { imports: unlimited, exports: unlimited, wildcards: true, conn: unlimited, leaf: unlimited };
const traffic = { subs: unlimited, data: unlimited, payload: unlimited };
const jetstream = { mem_storage: unlimited, disk_storage: unlimited, streams: unlimited, consumer: unlimited };

/**
 * The part of a nats-server configuration that says whom it trusts: the operator's and both accounts' JWTs, as an object
 * in JSON, which is a subset of the server's format. It holds no seed.
 */
export async function authConfig(keys: ServerKeys): Promise<string> {
  const operator = keyPair(keys.operatorSeed);
  const system = publicKey(keys.systemSeed);
  const signed = { signer: operator };
  return JSON.stringify(
    {
      operator: await encodeOperator('splitlab', operator, { system_account: system }),
      system_account: system,
      resolver: 'MEMORY',
      resolver_preload: {
        [system]: await encodeAccount('system', system, { limits: { ...traffic, ...everything } }, signed),
        [keys.account]: await encodeAccount(
          'splitlab',
          keys.account,
          { limits: { ...traffic, ...everything, ...jetstream }, signing_keys: [publicKey(keys.signingSeed)] },
          signed,
        ),
      },
    },
    null,
    2,
  );
}

/** Text of a whole nats-server configuration for these keys. */
export async function serverConfig(keys: ServerKeys, options: ServerOptions): Promise<string> {
  const { host = '0.0.0.0', cluster } = options;
  const trust: unknown = JSON.parse(await authConfig(keys));
  return JSON.stringify(
    {
      host,
      port: options.port,
      ...(options.serverName !== undefined && { server_name: options.serverName }),
      ...(options.monitorPort !== undefined && { http: `${host}:${options.monitorPort}` }),
      ...(cluster && {
        cluster: { name: cluster.name, listen: `${host}:${cluster.port}`, routes: cluster.routes },
      }),
      jetstream: { store_dir: options.storeFolder },
      ...natsLimits,
      ...Object(trust),
    },
    null,
    2,
  );
}
