import type { V1Pod } from '@kubernetes/client-node';
import type { ExperimentScope } from '../../api/subjects.ts';
import type { Archive } from '../../store/archive.ts';
import type { CredentialIssuer } from '../nats/credentials.ts';
import type { WorkerImages } from '../pod/input.ts';
import type { Client } from '../runtime/client/client.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Informer } from '../runtime/informer/informer.ts';
import type { Logger } from '../runtime/logger.ts';
import type { SplitExperimentObject } from '../runtime/resources.ts';
import type { Wire } from '../runtime/wire.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Experiment } from './experiment.ts';
import type { Followers } from './gather/followers.ts';
import type { Memories } from './memory.ts';

/** What the reconciler stands on. */
export interface ReconcilerContext {
  readonly clusterId: string;
  readonly client: Client;
  readonly experiments: Pick<Informer<SplitExperimentObject>, 'get'>;
  readonly pods: Pick<Informer<Wire<V1Pod>>, 'byIndex'>;
  readonly recorder: Recorder;
  readonly issuer: CredentialIssuer;
  readonly images: WorkerImages;
  /** NATS as workers reach it. */
  readonly natsUrl: string;
  readonly archive: Archive;
  readonly followers: Followers;
  /** Why the store cannot be reached; null while it can. */
  readonly storeProblem: () => string | null;
  /** Tells the store from one that takes its place; null while it cannot be reached. */
  readonly storeId: () => string | null;
  /** Writes into the store what becomes of the results once the object is gone, where that changed. */
  readonly declareRetention: (scope: ExperimentScope, about: RetentionDeclaration) => Promise<void>;
  /** Asks for another pass. */
  readonly enqueue: (request: { readonly namespace?: string; readonly name: string }, afterMs: number) => void;
  readonly memories: Memories;
  readonly clock: Clock;
  readonly tracing: Tracing;
  readonly logger: Logger;
}

/** Tells of an object in events; never waits and never throws. */
export interface Recorder {
  event(about: Experiment, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

export interface RetentionDeclaration {
  readonly name: string;
  readonly policy: 'Delete' | 'Retain';
}

/** The store's name for an experiment. */
export function scopeOf(
  { clusterId }: Pick<ReconcilerContext, 'clusterId'>,
  { namespace, uid }: { readonly namespace: string; readonly uid: string },
): ExperimentScope {
  return { cluster: clusterId, namespace, uid };
}
