import type { V1Pod } from '@kubernetes/client-node';
import type { Manifest } from '../../../api/manifest/manifest.ts';
import type { PlanMessage } from '../../../api/messages/worker.ts';
import type { ReasonOf } from '../../../api/status/reasons.ts';
import type { BestTrial, ExperimentStatus, ParetoTrial } from '../../../api/status/status.ts';
import type { Side } from '../../../api/subjects.ts';
import type { Stored } from '../../runtime/objects.ts';
import type { Wire } from '../../runtime/wire.ts';

/** Everything that a decision depends on, the clock included. */
export interface Observed {
  readonly now: Date;
  readonly experiment: ExperimentIdentity;
  readonly status: ExperimentStatus;
  readonly spec: ParsedSpec;
  /** How long the object is kept after the end; null for ever. */
  readonly ttlSeconds: number | null;
  /** The pods that this experiment controls, whatever their labels say. */
  readonly pods: readonly Stored<Wire<V1Pod>>[];
  /** Names of pods that this process saw, whether or not they are there now. */
  readonly seenPods: ReadonlySet<string>;
  /** What stood in the way of making an object, by the object's name; it is tried again at `retryAt`. */
  readonly obstacles: ReadonlyMap<string, Obstacle>;
  /** Why the store of results cannot be reached; null while it can. */
  readonly storeProblem: string | null;
  /** Tells the store from one that takes its place; null while it cannot be reached. */
  readonly storeId: string | null;
  /** Whether the credentials of workers reach this experiment alone. */
  readonly isolated: boolean;
  /** What the records tell so far; null while they are not followed, or not read up to now. */
  readonly progress: Progress | null;
  /** What the annotation for the trace says where nobody can read it; null where all is well. */
  readonly ignoredTraceparent: string | null;
  /** What was read back for the end of the experiment; null until a decision asks for it. */
  readonly results: Results | null;
}

export interface ExperimentIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation: number;
}

/** The spec as it can be worked with, or why it cannot. */
export type ParsedSpec =
  | {
      readonly ok: true;
      readonly manifest: Manifest /** Of what cannot change after the start. */;
      readonly digest: string;
    }
  | {
      readonly ok: false;
      readonly reason: 'InvalidSpec' | 'Unsupported';
      readonly message: string;
    };

export interface Obstacle {
  readonly reason: ReasonOf<'WorkersReady'>;
  readonly message: string;
  readonly retryAt: Date;
}

export interface Visits {
  readonly completed: number;
  readonly rejected: number;
  readonly failed: number;
}

/** The comparison of trials as it stands in the status. */
export interface Figures {
  readonly model?: string;
  readonly bestCut?: string;
  readonly bestTrace?: string;
  readonly latencyP50?: string;
  readonly link?: string;
  readonly best: readonly BestTrial[];
  readonly pareto: readonly ParetoTrial[];
}

/** A download of a worker, as it last told. */
export interface Fetch {
  readonly lane: number;
  readonly side: Side;
  readonly what: 'Model' | 'Input';
  readonly name: string;
  readonly bytes: number;
  readonly totalBytes: number | null;
}

export interface Progress {
  readonly plan: PlanMessage | null;
  /** Visits whose record is final. */
  readonly visits: Visits;
  /** The highest attempt of a pod whose worker announced itself, by `workerKey`. */
  readonly announced: ReadonlyMap<string, number>;
  readonly fetches: readonly Fetch[];
  readonly figures: Figures;
}

/** What was read back from the store at the end. */
export interface Results {
  readonly total: number | null;
  readonly visits: Visits;
  readonly figures: Figures;
}

/** Names one worker of an experiment. */
export function workerKey(lane: number, side: Side): string {
  return `${lane}/${side}`;
}

/** Number of visits that are final. */
export function finalVisits({ completed, rejected, failed }: Visits): number {
  return completed + rejected + failed;
}
