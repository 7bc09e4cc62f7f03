import type { Logger } from 'pino';
import type { Announcement } from '../../api/messages/worker.ts';
import type { Plan } from '../../api/plan/expand.ts';
import type { subjects } from '../../api/subjects.ts';
import type { Store } from '../../store/store.ts';
import type { Experiment } from '../experiment.ts';
import type { Fence } from '../fence.ts';
import type { Inputs } from '../input/inputs.ts';
import type { VisitMetrics } from '../metrics/visits.ts';
import type { PreparedConfig } from '../prepare.ts';
import type { SpanExport } from '../telemetry.ts';
import type { VisitUsage } from '../usage.ts';
import type { LaneLink } from './link.ts';
import type { RemoteWorker } from './remote-worker.ts';

/** What a local worker has at hand for all its visits. */
export interface Lane {
  readonly config: PreparedConfig;
  readonly experiment: Experiment;
  readonly inputs: Inputs;
  readonly plan: Plan;
  readonly names: ReturnType<typeof subjects>;
  readonly store: Store;
  readonly fence: Fence;
  readonly local: Announcement;
  readonly remote: RemoteWorker;
  readonly link: LaneLink;
  readonly usage: VisitUsage;
  readonly spans: SpanExport;
  readonly metrics: VisitMetrics;
  readonly log: Logger;
}
