/** Ports of 127.0.0.1: OTLP over HTTP and gRPC, the query service over HTTP and gRPC. */
export interface JaegerPorts {
  readonly http: number;
  readonly grpc: number;
  readonly query: number;
  readonly queryGrpc: number;
}

/** Configuration of a Jaeger v2 that takes OTLP and keeps the newest 100,000 traces in memory. */
export function jaegerConfig({ http, grpc, query, queryGrpc }: JaegerPorts) {
  const on = (port: number) => ({ endpoint: `127.0.0.1:${port}` });
  return {
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
  };
}
