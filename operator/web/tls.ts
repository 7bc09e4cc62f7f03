import { readFile } from 'node:fs/promises';
import { Server as TlsServer } from 'node:tls';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ResultsApiConfig } from './config.ts';

type TlsFiles = NonNullable<ResultsApiConfig['tls']>;

const checkMs = 60_000;

/** Certificate and key as text. */
export async function readCertificate({ certFile, keyFile }: TlsFiles): Promise<{ cert: string; key: string }> {
  const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
  return { cert, key };
}

/** Takes a renewed certificate into use within a minute; what is returned ends that. */
export function renewCertificate(
  server: unknown,
  files: TlsFiles,
  { clock, logger }: { readonly clock: Pick<Clock, 'after'>; readonly logger: Logger },
): () => void {
  if (!(server instanceof TlsServer)) return () => {};
  let used: string | undefined;
  let stopped = false;
  let cancel = () => {};
  const check = async () => {
    try {
      const certificate = await readCertificate(files);
      if (used !== undefined && certificate.cert !== used) {
        server.setSecureContext(certificate);
        logger.info({ certFile: files.certFile }, 'the certificate of the results API was renewed');
      }
      used = certificate.cert;
    } catch (error) {
      logger.warn({ err: error }, 'the certificate of the results API cannot be read; the old one stays in use');
    }
    if (!stopped) cancel = clock.after(checkMs, check);
  };
  check();
  return () => {
    stopped = true;
    cancel();
  };
}
