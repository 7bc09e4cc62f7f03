import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, pem } from '../cluster/authority.ts';

/** A certificate for 127.0.0.1 and localhost with its key, and the authority that signed it, as PEM. */
export async function loopbackCertificate(): Promise<{ ca: Buffer; cert: Buffer; key: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-certificate-'));
  try {
    const authority = await createAuthority(folder);
    const name = { name: 'server', commonName: 'loopback', alternativeNames: ['IP:127.0.0.1', 'DNS:localhost'] };
    return { ca: await readFile(authority.certificate), ...(await pem(await authority.issue(name))) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
