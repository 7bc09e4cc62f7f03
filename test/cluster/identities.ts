import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Authority, pem } from './authority.ts';
import { type Client, createClient } from './client.ts';
import { type Credentials, writeKubeconfig } from './kubeconfig.ts';

export interface User {
  readonly user: string;
  readonly groups?: readonly string[];
}

/** Somebody the API server knows, with the ways to be that somebody. */
export interface Identity extends Disposable {
  /** Path of a kubeconfig that needs no other file. */
  readonly kubeconfig: string;
  readonly client: Client;
  /** The bearer token, of one that has it. */
  readonly token: string | null;
}

/** Makes identities of one cluster: those that RBAC rules are about. */
export interface Identities {
  /** A user by client certificate. */
  user(user: User): Promise<Identity>;
  /** Whoever a bearer token is of. */
  bearer(token: string): Promise<Identity>;
}

export function createIdentities(folder: string, server: string, authority: Authority): Identities {
  const identity = async (credentials: Credentials): Promise<Identity> => {
    const { certificate, token } = credentials;
    const file = join(folder, `${randomUUID()}.kubeconfig`);
    const kubeconfig = await writeKubeconfig(file, server, authority.certificate, credentials);
    const ca = await readFile(authority.certificate);
    const own = certificate && (await pem(certificate));
    const client = createClient({ server, ca, ...own, ...(token !== undefined && { token }) });
    return { kubeconfig, client, token: token ?? null, [Symbol.dispose]: () => client[Symbol.dispose]() };
  };
  return {
    async user({ user, groups = [] }) {
      const certificate = await authority.issue({ name: randomUUID(), commonName: user, organizations: groups });
      return identity({ certificate });
    },
    bearer: (token) => identity({ token }),
  };
}
