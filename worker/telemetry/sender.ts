import type { Logger } from 'pino';
import type { Telemetry } from '../../api/manifest/telemetry.ts';
import type { SpanTally } from '../../api/messages/spans.ts';
import type { Announcement } from '../../api/messages/worker.ts';
import type { VisitRecord } from '../../api/record/record.ts';
import type { WorkerConfig } from '../../api/worker-config.ts';
import type { Self } from '../announce.ts';
import type { Phases } from '../local/phases.ts';
import type { MeasuredVisit } from '../local/record.ts';
import { inferenceSpans } from '../measure/inference-spans.ts';
import { monotonicEpochMs } from '../measure/now.ts';
import type { SpanDescription } from '../measure/spans.ts';
import { visitSpans } from '../measure/visit-spans.ts';
import { experimentSpan } from '../trace.ts';
import { exporterEnvironment } from './access.ts';
import { commandResource, resourceOf } from './attributes.ts';
import { openDelivery } from './delivery.ts';
import { openExporter } from './exporter.ts';
import { finishedSpan } from './finished.ts';
import { tracedInferences } from './inferences.ts';

export interface Sender {
  send(record: VisitRecord, measured: MeasuredVisit | null, remote: Announcement | null, phases: Phases): void;
  tell(spans: readonly SpanDescription[]): void;
  close(): Promise<SpanTally>;
}

/** Spans of the remote side are of its own resource, though the local worker sends them: it alone knows all marks. */
export async function openSender(
  telemetry: Telemetry,
  self: Self | null,
  { scope, binds, traceparent }: Pick<WorkerConfig, 'scope' | 'binds' | 'traceparent'>,
  log: Logger,
  onSettled: (spans: number, arrived: boolean) => void,
): Promise<Sender> {
  const { endpoint, samplePercent } = telemetry;
  // Of this process alone: it exports nothing else.
  Object.assign(process.env, await exporterEnvironment(telemetry, binds));
  const exporter = await openExporter(telemetry, log, (spans, reason) => delivery.reject(spans, reason));
  const delivery = openDelivery(exporter, { endpoint, log, onSettled });
  const localResource = self ? resourceOf(self) : commandResource();
  return {
    send(record, measured, remote, phases) {
      const epochMs = monotonicEpochMs();
      const remoteResource = remote && resourceOf(remote);
      const bursts = measured?.measurement.linkStatus?.bursts;
      const omitted = bursts ? bursts.uplink.omitted + bursts.downlink.omitted : 0;
      if (omitted > 0)
        log.warn({ visit: record.visitId, omitted }, 'the last inferences lack what the link saw of them');
      const add = (spans: readonly SpanDescription[]) => {
        for (const span of spans) {
          delivery.add(finishedSpan(span, (span.side === 'remote' && remoteResource) || localResource));
        }
      };
      const sampled = (measured ? tracedInferences(scope, record, measured) : []).filter(
        ({ context: { traceId } }) => isSampled(traceId, samplePercent) || isNamed(record, traceId),
      );
      for (const inference of sampled) add(inferenceSpans(inference, epochMs));
      const inferences = sampled.map(({ context }) => context);
      add(visitSpans({ record, phases, inferences, experiment: experimentSpan({ scope, traceparent }) }, epochMs));
      delivery.flush();
    },
    tell(spans) {
      for (const span of spans) delivery.add(finishedSpan(span, localResource));
      delivery.flush();
    },
    close: () => delivery.close(),
  };
}

/** Decided by the trace's own random number: the same for all who see it, evenly spread. */
export function isSampled(traceId: string, percent: number): boolean {
  return Number.parseInt(traceId.slice(-8), 16) / 2 ** 32 < percent / 100;
}

/** The median and the slowest of a visit are named in its record and always sent. */
function isNamed({ traces }: VisitRecord, traceId: string): boolean {
  return traces !== null && (traces.median === traceId || traces.slowest === traceId);
}
