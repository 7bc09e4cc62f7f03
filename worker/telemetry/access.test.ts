import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { exporterEnvironment } from './access.ts';

const endpoint = { endpoint: 'https://receiver:4318', protocol: 'HttpProtobuf', samplePercent: 100 } as const;

test('headers and authority of a receiver come from the folders that are bound', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-access-'));
  context.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'headers'));
  await writeFile(join(folder, 'headers', 'Authorization'), 'Basic a=,b c\n');
  const binds = { 'secret/otlp': join(folder, 'headers'), 'configmap/ca': '/ca' };
  const telemetry = { ...endpoint, headersSecretRef: { name: 'otlp' }, caConfigMapRef: { name: 'ca', key: 'ca.crt' } };
  assert.deepEqual(await exporterEnvironment(telemetry, binds), {
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'Authorization=Basic%20a%3D%2Cb%20c',
    OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'Authorization=Basic%20a%3D%2Cb%20c',
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: '/ca/ca.crt',
    OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: '/ca/ca.crt',
  });
  assert.deepEqual(await exporterEnvironment(endpoint, {}), {});
  await assert.rejects(exporterEnvironment(telemetry, {}), /secret\/otlp/);
});

test('a receiver behind its own authority gets spans with the headers', { timeout: 60_000 }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-access-'));
  context.after(() => rm(folder, { recursive: true }));
  const file = (name: string) => join(folder, name);
  await mkdir(file('headers'));
  await writeFile(file('headers/x-token'), 'se,cret=1');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file('key.pem')];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, '-out', file('ca.crt'), '-days', '2', ...subject]);
  const received = Promise.withResolvers<IncomingHttpHeaders>();
  const options = { key: await readFile(file('key.pem')), cert: await readFile(file('ca.crt')) };
  const server = createServer(options, (request, response) => {
    request.resume().on('end', () => response.end());
    received.resolve(request.headers);
  }).listen(0, 'localhost');
  context.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  const telemetry = {
    ...endpoint,
    endpoint: `https://localhost:${address.port}`,
    headersSecretRef: { name: 'otlp' },
    caConfigMapRef: { name: 'ca', key: 'ca.crt' },
  };
  const url = (name: string) => JSON.stringify(import.meta.resolve(name));
  const script = `
    import { resourceFromAttributes } from ${url('@opentelemetry/resources')};
    import { exporterEnvironment } from ${url('./access.ts')};
    import { openExporter } from ${url('./exporter.ts')};
    import { finishedSpan } from ${url('./finished.ts')};
    const telemetry = ${JSON.stringify(telemetry)};
    const binds = { 'secret/otlp': ${JSON.stringify(file('headers'))}, 'configmap/ca': ${JSON.stringify(folder)} };
    Object.assign(process.env, await exporterEnvironment(telemetry, binds));
    const exporter = await openExporter(telemetry, console);
    const span = { name: 'head', traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), startTimeMs: 1, endTimeMs: 2, attributes: {} };
    await new Promise((resolve) => exporter.export([finishedSpan(span, resourceFromAttributes({}))], resolve));
    await exporter.shutdown();`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  assert.equal((await received.promise)['x-token'], 'se,cret=1');
});
