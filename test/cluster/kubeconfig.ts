import { writeFile } from 'node:fs/promises';
import { type Certificate, pem } from './authority.ts';

export interface Credentials {
  readonly certificate?: Certificate;
  readonly token?: string;
}

/** Writes a kubeconfig that needs no other file, readable by its owner alone. */
export async function writeKubeconfig(
  file: string,
  server: string,
  ca: Buffer,
  { certificate, token }: Credentials,
): Promise<string> {
  const base64 = (content: Buffer) => content.toString('base64');
  const client = certificate && (await pem(certificate));
  const user = {
    ...(client && { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) }),
    ...(token !== undefined && { token }),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'splitlab', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: 'user', user }],
    contexts: [{ name: 'splitlab', context: { cluster: 'splitlab', user: 'user' } }],
    'current-context': 'splitlab',
  };
  await writeFile(file, JSON.stringify(config, null, 2), { mode: 0o600 });
  return file;
}
