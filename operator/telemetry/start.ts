import { once } from 'node:events';
import { DiagLogLevel, diag, ROOT_CONTEXT, SpanStatusCode, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { defaultResource, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { TraceContext } from '../../api/trace/context.ts';
import { toolVersion } from '../../api/version.ts';
import type { Logger } from '../runtime/logger.ts';
import { SpanIds } from './ids.ts';
import type { OperatorTelemetry, TelemetryOptions } from './telemetry.ts';
import type { FinishedSpan } from './tracing.ts';

/** Less than what a pod is given to end in. */
const closeTimeoutMs = 5_000;

/**
 * Starts OpenTelemetry's SDK as its variables say: exporters, headers, certificates, sampling and batches. What it
 * holds back is bounded and sent in the background, so that a receiver that is away holds nothing up.
 */
export function startSdk({ instance, namespace, environment, logger }: TelemetryOptions): OperatorTelemetry {
  logDiagnostics(logger);
  const ids = new SpanIds();
  const own = resourceFromAttributes({
    'service.name': 'splitlab-operator',
    'service.namespace': 'splitlab',
    'service.version': toolVersion,
    'service.instance.id': instance,
    ...(environment.POD_NAME && { 'k8s.pod.name': environment.POD_NAME, 'k8s.namespace.name': namespace }),
    ...(environment.NODE_NAME && { 'k8s.node.name': environment.NODE_NAME }),
  });
  const sdk = new NodeSDK({
    resource: defaultResource().merge(own),
    // OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME win.
    resourceDetectors: [envDetector],
    idGenerator: ids,
    metricReaders: [],
    logRecordProcessors: [],
    textMapPropagator: null,
  });
  sdk.start();
  const tracer = trace.getTracer('splitlab', toolVersion);
  return {
    tracing: { tell: (span) => tell(tracer, ids, span) },
    async close() {
      const sent = sdk
        .shutdown()
        .catch((error: unknown) => logger.warn({ err: error }, 'the last spans were not sent'));
      await Promise.race([sent, once(AbortSignal.timeout(closeTimeoutMs), 'abort')]);
    },
  };
}

function tell(tracer: Tracer, ids: SpanIds, span: FinishedSpan): void {
  const { name, context, parent, startTimeMs, endTimeMs, attributes, error } = span;
  const around = parent ? trace.setSpanContext(ROOT_CONTEXT, { ...sdkContext(parent), isRemote: true }) : ROOT_CONTEXT;
  const started = ids.named(context, () => tracer.startSpan(name, { startTime: startTimeMs, attributes }, around));
  if (error !== undefined) started.setStatus({ code: SpanStatusCode.ERROR, message: error });
  started.end(endTimeMs);
}

function sdkContext({ traceId, spanId, sampled }: TraceContext) {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE };
}

/** What the SDK complains of, such as a receiver that does not answer, is said in the operator's own log. */
function logDiagnostics(logger: Logger): void {
  const warn = (message: string, ...details: unknown[]) => logger.warn({ details }, message);
  const debug = (message: string) => logger.debug({}, message);
  diag.setLogger(
    { error: warn, warn, info: debug, debug, verbose: debug },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
