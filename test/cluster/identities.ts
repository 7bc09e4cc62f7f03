import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Certificate, pem } from './authority.ts';
import { type Client, createClient } from './client.ts';
import { writeKubeconfig } from './kubeconfig.ts';

/** Somebody the API server knows, with the ways to be that somebody. */
export interface Identity extends Disposable {
  /** Path of a kubeconfig that needs no other file. */
  readonly kubeconfig: string;
  readonly client: Client;
  /** The bearer token, of one that has it. */
  readonly token: string | null;
}

/** Makes identities for one API server out of credentials. */
export interface Identities {
  certified(certificate: Certificate): Promise<Identity>;
  bearer(token: string): Promise<Identity>;
}

/** `ca`: the PEM text of the authority that the server's certificate is of; kubeconfigs go into `folder`. */
export function createIdentities(folder: string, server: string, ca: Buffer): Identities {
  const file = () => join(folder, `${randomUUID()}.kubeconfig`);
  return {
    async certified(certificate) {
      const kubeconfig = await writeKubeconfig(file(), server, ca, { certificate });
      const client = createClient({ server, ca, ...(await pem(certificate)) });
      return { kubeconfig, client, token: null, [Symbol.dispose]: client[Symbol.dispose] };
    },
    async bearer(token) {
      const kubeconfig = await writeKubeconfig(file(), server, ca, { token });
      const client = createClient({ server, ca, token });
      return { kubeconfig, client, token, [Symbol.dispose]: client[Symbol.dispose] };
    },
  };
}
