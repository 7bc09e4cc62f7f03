import type { Experiment } from '../experiment.ts';
import type { Inputs } from '../input/inputs.ts';
import type { VisitUsage } from '../usage.ts';
import type { LaneLink } from './link.ts';
import type { RemoteWorker } from './remote-worker.ts';

/** What a local worker has at hand for all its visits. */
export interface Lane {
  readonly experiment: Experiment;
  readonly inputs: Inputs;
  readonly remote: RemoteWorker;
  readonly link: LaneLink;
  readonly usage: VisitUsage;
  /** Whether both workers run on one machine. */
  readonly sharedHost: boolean;
}
