import { join } from 'node:path';
import type { Telemetry } from '../../api/manifest/telemetry.ts';
import { readHeaders } from '../fetch/headers.ts';

const signals = ['TRACES', 'METRICS'] as const;

/**
 * What OpenTelemetry's exporters of both protocols take from the environment: the headers of a Secret and the authority
 * of a ConfigMap, whose folders `binds` name. Throws where one of them cannot be read.
 */
export async function exporterEnvironment(
  { headersSecretRef, caConfigMapRef }: Telemetry,
  binds: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const environment: Record<string, string> = {};
  if (headersSecretRef) {
    const headers = await readHeaders(boundTo(binds, `secret/${headersSecretRef.name}`));
    const pairs = Object.entries(headers).map((pair) => pair.map(encodeURIComponent).join('='));
    for (const signal of signals) environment[`OTEL_EXPORTER_OTLP_${signal}_HEADERS`] = pairs.join();
  }
  if (caConfigMapRef) {
    const folder = boundTo(binds, `configmap/${caConfigMapRef.name}`);
    for (const signal of signals) {
      environment[`OTEL_EXPORTER_OTLP_${signal}_CERTIFICATE`] = join(folder, caConfigMapRef.key);
    }
  }
  return environment;
}

function boundTo(binds: Readonly<Record<string, string>>, source: string): string {
  const folder = binds[source];
  if (folder === undefined) throw new RangeError(`${source} is bound to no folder`);
  return folder;
}
