import { type Logger, pino } from 'pino';
import type { Telemetry } from '../api/manifest/telemetry.ts';
import type { SpanTally } from '../api/messages/spans.ts';
import type { Announcement } from '../api/messages/worker.ts';
import type { VisitRecord } from '../api/record/record.ts';
import type { WorkerConfig } from '../api/worker-config.ts';
import type { Self } from './announce.ts';
import type { Phases } from './local/phases.ts';
import type { MeasuredVisit } from './local/record.ts';
import type { SpanDescription } from './measure/spans.ts';

/** Sends the spans of an experiment, its visits and their inferences to an OTLP receiver, outside what is measured. */
export interface SpanExport {
  /**
   * The attempt that a record tells of, with its inferences. Call it once the record is stored: spans are built and
   * handed over at once, before the next visit measures.
   */
  export(record: VisitRecord, measured: MeasuredVisit | null, remote: Announcement | null, phases: Phases): void;
  /** What else is over, told in spans that are made only if they are sent. */
  tell(describe: () => readonly SpanDescription[]): void;
  /** Waits up to 3 s for what is on its way, logs and gives what was lost; null where nothing was to be sent. Never throws. */
  close(): Promise<SpanTally | null>;
}

/**
 * Without telemetry in the manifest nothing is loaded, built or sent: OTLP takes 0.1 s and 30 MB (gRPC 0.2 s and
 * 40 MB). `self` is null for the command, which is no worker. `config.binds` has the folders of its Secret and ConfigMap. `onSettled` is told how many spans arrived or were lost. A
 * receiver that is away loses spans and nothing else: that is logged, never thrown.
 */
export function openSpanExport(
  telemetry: Telemetry | undefined,
  self: Self | null,
  config: Pick<WorkerConfig, 'scope' | 'binds' | 'traceparent'>,
  log: Logger = pino({ name: 'telemetry', base: { pid: process.pid } }),
  onSettled: (spans: number, arrived: boolean) => void = () => {},
): SpanExport {
  if (!telemetry) return { export() {}, tell() {}, close: async () => null };
  let reason: string | null = null;
  const failed = (error: unknown) => {
    log.error({ err: error }, 'traces are not sent');
    reason ??= (error instanceof Error ? error.message : String(error)).slice(0, 500);
    return null;
  };
  const opened = import('./telemetry/sender.ts')
    .then(({ openSender }) => openSender(telemetry, self, config, log, onSettled))
    .catch(failed);
  let sent: Promise<unknown> = opened;
  return {
    export(...attempt) {
      sent = opened.then((sender) => sender?.send(...attempt)).catch(failed);
    },
    tell(describe) {
      sent = opened.then((sender) => sender?.tell(describe())).catch(failed);
    },
    async close() {
      await sent;
      const tally = await opened.then((sender) => sender?.close()).catch(failed);
      return tally ?? { delivered: 0, lost: null, reason };
    },
  };
}
