import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from './command.ts';

export interface CertificateRequest {
  /** File name without extension. */
  readonly name: string;
  /** What Kubernetes takes for the user's name. */
  readonly commonName: string;
  /** What Kubernetes takes for the user's groups. */
  readonly organizations?: readonly string[];
  /** `DNS:...` and `IP:...`; a certificate with some serves too. */
  readonly alternativeNames?: readonly string[];
}

/** Paths of PEM files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of one test cluster: for servers, clients and the API server's proxy alike. */
export interface Authority extends Certificate {
  /** The certificate's text. */
  readonly pem: Buffer;
  issue(request: CertificateRequest): Promise<Certificate>;
}

/** Makes an authority with `openssl` (3.0 or newer), which has to be on PATH. */
export async function createAuthority(folder: string): Promise<Authority> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = (name: string) => ({ certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) });
  const ca = files('ca');
  await sign(ca, '/CN=splitlab test cluster', ['basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign,cRLSign']);
  return {
    ...ca,
    pem: await readFile(ca.certificate),
    async issue({ name, commonName, organizations = [], alternativeNames = [] }) {
      const leaf = files(name);
      const subject = [...organizations.map((one) => `/O=${escaped(one)}`), `/CN=${escaped(commonName)}`].join('');
      const serves = alternativeNames.length > 0;
      const extensions = [
        'basicConstraints=critical,CA:FALSE',
        `extendedKeyUsage=clientAuth${serves ? ',serverAuth' : ''}`,
        ...(serves ? [`subjectAltName=${alternativeNames.join(',')}`] : []),
      ];
      await sign(leaf, subject, extensions, ca);
      return leaf;
    },
  };
}

/** Writes the key pair with which the API server signs service account tokens. */
export async function createTokenKeys(folder: string): Promise<{ readonly key: string; readonly publicKey: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const files = { key: join(folder, 'service-accounts.key'), publicKey: join(folder, 'service-accounts.pub') };
  await writeFile(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  await writeFile(files.publicKey, publicKey.export({ type: 'spki', format: 'pem' }));
  return files;
}

export async function pem({ certificate, key }: Certificate): Promise<{ readonly cert: Buffer; readonly key: Buffer }> {
  const [cert, secret] = await Promise.all([readFile(certificate), readFile(key)]);
  return { cert, key: secret };
}

async function sign(out: Certificate, subject: string, extensions: readonly string[], ca?: Certificate): Promise<void> {
  const config = `${out.certificate}.cnf`;
  const sections = ['[req]', 'distinguished_name=none', 'x509_extensions=extensions', '[none]', '[extensions]'];
  await writeFile(config, [...sections, ...extensions, ''].join('\n'));
  await command('openssl', [
    ...['req', '-x509', '-config', config, '-utf8', '-subj', subject, '-days', '365', '-noenc'],
    ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', out.key, '-out', out.certificate],
    ...(ca ? ['-CA', ca.certificate, '-CAkey', ca.key] : []),
  ]);
}

function escaped(value: string): string {
  return value.replace(/[\\/+]/g, '\\$&');
}
