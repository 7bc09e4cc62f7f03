import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { guard } from '../../cli/nats-server/guard.ts';
import { cacheFolder } from '../../worker/cache.ts';
import type { Attributes, ReceivedSpan, TraceReceiver } from './spans.ts';

const run = promisify(execFile);

/** Jaeger 2.13.0: the module has kept the numbers of version 1, whose tags its releases carry too. */
const version = 'v1.76.0';
const program = join(cacheFolder(), `jaeger-${version}`, 'jaeger');

/**
 * Jaeger with its traces in memory on ports of 127.0.0.1. Built once from its Go module into the cache folder, which
 * takes minutes and 3 GB of Go's own caches.
 */
export async function startJaeger(): Promise<TraceReceiver> {
  await access(program).catch(build);
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-jaeger-'));
  const [http, grpc, query, queryGrpc] = await freePorts(4);
  const configFile = join(folder, 'jaeger.json');
  const on = (port: number | undefined) => ({ endpoint: `127.0.0.1:${port}` });
  await writeFile(
    configFile,
    JSON.stringify({
      service: {
        extensions: ['jaeger_storage', 'jaeger_query'],
        pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
        telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
      },
      extensions: {
        jaeger_storage: { backends: { memory: { memory: { max_traces: 100_000 } } } },
        jaeger_query: { storage: { traces: 'memory' }, http: on(query), grpc: on(queryGrpc) },
      },
      receivers: { otlp: { protocols: { http: on(http), grpc: on(grpc) } } },
      exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
    }),
  );
  const { file, arguments: args, needsPipe } = await guard(program, ['--config', configFile], process.pid);
  const child = spawn(file, args, { stdio: [needsPipe ? 'pipe' : 'ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const closed = once(child, 'close');
  const stop = async () => {
    // It keeps nothing, and a gentle end waits 10 s for clients to go.
    child.kill('SIGKILL');
    child.stdin?.destroy();
    await closed;
    await rm(folder, { recursive: true, force: true });
  };
  const api = `http://127.0.0.1:${query}/api/v3`;
  const deadline = AbortSignal.timeout(30_000);
  while (!(await fetch(`${api}/services`).catch(() => null))?.ok) {
    if (child.exitCode === null && !deadline.aborted) await delay(50);
    else {
      await stop();
      throw new Error(`Jaeger does not answer: ${said}`);
    }
  }
  return {
    endpoints: { HttpProtobuf: `http://127.0.0.1:${http}`, Grpc: `http://127.0.0.1:${grpc}` },
    spans: () => findSpans(api),
    [Symbol.asyncDispose]: stop,
  };
}

async function build(): Promise<void> {
  const { stdout } = await run('go', ['mod', 'download', '-json', `github.com/jaegertracing/jaeger@${version}`]);
  const { Dir } = z.object({ Dir: z.string() }).parse(JSON.parse(stdout));
  const home = join(program, '..');
  await mkdir(home, { recursive: true });
  // Renaming within one folder is atomic, so that another run never sees half a binary.
  const scratch = await mkdtemp(join(home, 'build-'));
  try {
    // `go install` refuses a module that replaces others; as the main module it may be built.
    const args = ['build', '-trimpath', '-ldflags=-s -w', '-o', join(scratch, 'jaeger'), './cmd/jaeger'];
    await run('go', args, { cwd: Dir, env: { ...process.env, CGO_ENABLED: '0' } });
    await rename(join(scratch, 'jaeger'), program);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Jaeger takes numbers only; all are held until the last is known, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      server.close();
      await once(server, 'close');
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
}

const attributesSchema = z
  .array(
    z.object({
      key: z.string(),
      value: z.union([
        z.object({ stringValue: z.string() }).transform((value) => value.stringValue),
        z.object({ boolValue: z.boolean() }).transform((value) => value.boolValue),
        z.object({ intValue: z.coerce.number() }).transform((value) => value.intValue),
        z.object({ doubleValue: z.number() }).transform((value) => value.doubleValue),
      ]),
    }),
  )
  .default([])
  .transform((pairs): Attributes => Object.fromEntries(pairs.map(({ key, value }) => [key, value])));

const tracesSchema = z.object({
  result: z.object({
    resourceSpans: z
      .array(
        z.object({
          resource: z.object({ attributes: attributesSchema }),
          scopeSpans: z.array(
            z.object({
              spans: z.array(
                z.object({
                  traceId: z.string(),
                  spanId: z.string(),
                  parentSpanId: z.string().default(''),
                  name: z.string(),
                  startTimeUnixNano: z.string(),
                  endTimeUnixNano: z.string(),
                  attributes: attributesSchema,
                }),
              ),
            }),
          ),
        }),
      )
      .default([]),
  }),
});

/** Everything it has of the last hour, without its adjustments. */
async function findSpans(api: string): Promise<ReceivedSpan[]> {
  const hourMs = 3_600_000;
  const query = new URLSearchParams({
    'query.service_name': 'splitlab-local',
    'query.start_time_min': new Date(Date.now() - hourMs).toISOString(),
    'query.start_time_max': new Date(Date.now() + hourMs).toISOString(),
    'query.num_traces': '10000',
    'query.raw_traces': 'true',
  });
  const response = await fetch(`${api}/traces?${query}`);
  // What it says when it has none.
  if (response.status === 404) return [];
  if (!response.ok) throw new Error(`Jaeger answers ${response.status}: ${await response.text()}`);
  const { result } = tracesSchema.parse(await response.json());
  return result.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ startTimeUnixNano, endTimeUnixNano, ...span }) => ({
        ...span,
        startNs: BigInt(startTimeUnixNano),
        endNs: BigInt(endTimeUnixNano),
        resource: resource.attributes,
      })),
  );
}
