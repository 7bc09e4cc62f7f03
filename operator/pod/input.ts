import type { Manifest } from '../../api/manifest/manifest.ts';
import type { ExperimentScope, Side } from '../../api/subjects.ts';

/** Where workers come from; the execution provider chooses one of the two. */
export interface WorkerImages {
  readonly cpu: string;
  readonly cuda: string;
  readonly pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
}

/** The SplitExperiment that owns what is made. */
export interface OwnerObject {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

/** What the objects of one experiment have in common. */
export interface ExperimentInput {
  readonly manifest: Manifest;
  readonly owner: OwnerObject;
  readonly scope: ExperimentScope;
  readonly images: WorkerImages;
  /** As workers reach it. */
  readonly natsUrl: string;
}

export interface SecretInput extends ExperimentInput {
  /** The span that stands for the experiment. */
  readonly traceparent: string;
  /** Text of a NATS credentials file. */
  readonly credentials: string;
}

/** One worker: its lane (from 0), its side and which attempt at this pod it is. */
export interface PodInput extends ExperimentInput {
  readonly lane: number;
  readonly side: Side;
  readonly podAttempt: number;
}
