import type { Logger } from 'pino';
import type { Telemetry } from '../../api/manifest/telemetry.ts';
import type { SpanTally } from '../../api/messages/spans.ts';
import type { Announcement } from '../../api/messages/worker.ts';
import type { VisitRecord } from '../../api/record/record.ts';
import type { WorkerConfig } from '../../api/worker-config.ts';
import type { MeasuredVisit } from '../local/record.ts';
import { inferenceSpans } from '../measure/inference-spans.ts';
import { monotonicEpochMs } from '../measure/now.ts';
import { exporterEnvironment } from './access.ts';
import { resourceOf } from './attributes.ts';
import { openDelivery } from './delivery.ts';
import { openExporter } from './exporter.ts';
import { finishedSpan } from './finished.ts';
import { tracedInferences } from './inferences.ts';

export interface Sender {
  send(record: VisitRecord, measured: MeasuredVisit, remote: Announcement | null): void;
  close(): Promise<SpanTally>;
}

/** Spans of the remote side are of its own resource, though the local worker sends them: it alone knows all marks. */
export async function openSender(
  telemetry: Telemetry,
  local: Announcement,
  { scope, binds }: Pick<WorkerConfig, 'scope' | 'binds'>,
  log: Logger,
  onSettled: (spans: number, arrived: boolean) => void,
): Promise<Sender> {
  const { endpoint, samplePercent } = telemetry;
  // Of this process alone: it exports nothing else.
  Object.assign(process.env, await exporterEnvironment(telemetry, binds));
  const exporter = await openExporter(telemetry, log, (spans, reason) => delivery.reject(spans, reason));
  const delivery = openDelivery(exporter, { endpoint, log, onSettled });
  const localResource = resourceOf(local);
  return {
    send(record, measured, remote) {
      const epochMs = monotonicEpochMs();
      const remoteResource = remote && resourceOf(remote);
      for (const inference of tracedInferences(scope, record, measured)) {
        const { traceId } = inference.context;
        if (!isSampled(traceId, samplePercent) && !isNamed(record, traceId)) continue;
        for (const span of inferenceSpans(inference, epochMs)) {
          delivery.add(finishedSpan(span, (span.side === 'remote' && remoteResource) || localResource));
        }
      }
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
