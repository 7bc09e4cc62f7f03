import { type Context, ROOT_CONTEXT, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Telemetry } from '../api/manifest/telemetry.ts';
import type { Announcement } from '../api/messages/worker.ts';
import type { VisitRecord } from '../api/record/record.ts';
import { toolVersion } from '../api/version.ts';
import type { Measured } from './local/ideal.ts';
import { monotonicEpochMs } from './measure/now.ts';
import { describeSpans, type SpanDescription } from './measure/spans.ts';

/** Sends the spans of recorded inferences to an OTLP receiver, outside what is measured. */
export interface SpanExport {
  export(record: VisitRecord, measured: readonly Measured[], remote: Announcement | null): void;
  /** Sends what is left; a receiver that is away loses it and nothing else. */
  close(): Promise<void>;
}

const closeTimeoutMs = 5_000;

/** Without telemetry in the manifest nothing is built and nothing sent. */
export function openSpanExport(telemetry: Telemetry | undefined, local: Announcement): SpanExport {
  if (!telemetry) return { export() {}, close: async () => {} };
  const ids = idQueue();
  const processor = new BatchSpanProcessor({ exporter: exporterFor(telemetry), maxQueueSize: 65_536 });
  const sdk = new NodeSDK({
    autoDetectResources: false,
    resource: resourceOf(local),
    spanProcessors: [processor],
    idGenerator: ids,
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  const localTracer = trace.getTracer('splitlab', toolVersion);
  let remoteTracer: { readonly instance: string; readonly tracer: Tracer } | null = null;

  /** Spans of the remote side belong to its own resource: another worker, another tracer. */
  function tracerOf(side: unknown, remote: Announcement | null): Tracer {
    if (side !== 'remote' || !remote) return localTracer;
    if (remoteTracer?.instance !== remote.instance) {
      const provider = new TracerProvider({
        resource: resourceOf(remote),
        spanProcessors: [processor],
        idGenerator: ids,
      });
      remoteTracer = { instance: remote.instance, tracer: provider.getTracer('splitlab', toolVersion) };
    }
    return remoteTracer.tracer;
  }

  return {
    export(record, measured, remote) {
      const epochMs = monotonicEpochMs();
      for (const { repetition, segments } of measured) {
        const { traceId } = repetition.trace;
        if (!isSampled(traceId, telemetry.samplePercent) && !isMarked(record, traceId)) continue;
        const attributes = attributesOf(record, repetition.index);
        const spans = describeSpans({ context: repetition.trace, attributes }, segments, epochMs);
        for (const span of spans) emit(tracerOf(span.attributes['splitlab.side'], remote), ids, span);
      }
    },
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeTimeoutMs);
      });
      await Promise.race([sdk.shutdown().catch(() => {}), late]);
      clearTimeout(timer);
    },
  };
}

function exporterFor({ endpoint, protocol }: Telemetry): SpanExporter {
  if (protocol === 'Grpc') return new GrpcExporter({ url: endpoint });
  // The endpoint names the receiver; OTLP over HTTP adds the signal's path to it.
  return new HttpExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
}

function resourceOf({ side, machine, instance }: Announcement) {
  return resourceFromAttributes({
    'service.name': `splitlab-${side}`,
    'service.namespace': 'splitlab',
    'service.version': toolVersion,
    'service.instance.id': instance,
    'host.name': machine.node,
    ...(machine.pod !== null && { 'k8s.pod.name': machine.pod, 'k8s.node.name': machine.node }),
  });
}

function attributesOf(record: VisitRecord, repetition: number): SpanDescription['attributes'] {
  return {
    'splitlab.experiment': record.experiment.name,
    'splitlab.visit': record.visitId,
    'splitlab.trial': record.trialId,
    'splitlab.attempt': record.attempt,
    'splitlab.repetition': repetition,
    'splitlab.cut': record.cut.name,
    'splitlab.cut.kind': record.cut.kind,
    'splitlab.transfer': record.transfer,
    'splitlab.batch_size': record.batchSize,
    ...(record.codec && { 'splitlab.codec': record.codec.type }),
    ...(record.link && { 'splitlab.link': record.link.name }),
    ...(record.clock && { 'splitlab.clock.uncertainty_us': record.clock.uncertaintyMicroseconds }),
  };
}

function emit(tracer: Tracer, ids: IdQueue, span: SpanDescription): void {
  ids.next = span;
  const parent: Context =
    span.parentSpanId === null
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, {
          traceId: span.traceId,
          spanId: span.parentSpanId,
          traceFlags: TraceFlags.SAMPLED,
        });
  const options = { startTime: hrTime(span.startTimeMs), attributes: span.attributes };
  tracer.startSpan(span.name, options, parent).end(hrTime(span.endTimeMs));
}

/** Ids were chosen when the inference began, since they travelled with it. */
interface IdQueue {
  next: Pick<SpanDescription, 'traceId' | 'spanId'>;
  generateTraceId(): string;
  generateSpanId(): string;
}

function idQueue(): IdQueue {
  const queue: IdQueue = {
    next: { traceId: '', spanId: '' },
    generateTraceId: () => queue.next.traceId,
    generateSpanId: () => queue.next.spanId,
  };
  return queue;
}

/** The same inferences on every run of the same trace ids, evenly spread. */
function isSampled(traceId: string, percent: number): boolean {
  return Number.parseInt(traceId.slice(-8), 16) / 2 ** 32 < percent / 100;
}

/** The median and the slowest of a visit are named in its record and always sent. */
function isMarked({ traces }: VisitRecord, traceId: string): boolean {
  return traces !== null && (traces.median === traceId || traces.slowest === traceId);
}

function hrTime(epochMs: number): [number, number] {
  const seconds = Math.floor(epochMs / 1e3);
  return [seconds, Math.round((epochMs - seconds * 1e3) * 1e6)];
}
