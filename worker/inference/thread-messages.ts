import type { Tensor } from '../tensor.ts';
import type { ProviderOption } from './execution-provider.ts';

/** What a session's thread needs to create it. */
export interface OpenRequest {
  readonly model: Uint8Array;
  readonly folder: string | undefined;
  readonly executionProvider: string;
  readonly device: number;
  readonly threads: number;
  readonly spinning: boolean;
  readonly optimization: 'All' | 'Extended' | 'Basic' | 'Disabled';
  readonly providerOptions: readonly ProviderOption[];
}

/** A model's input or output; a dimension without a fixed size is its name. */
export interface ValueMetadata {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

export interface OpenReply {
  readonly loadMilliseconds: number;
  readonly inputs: readonly ValueMetadata[];
  readonly outputs: readonly ValueMetadata[];
}

/** Feeds lie in shared memory, aligned for their element type. */
export interface RunRequest {
  readonly feeds: readonly Tensor[];
}

export interface RunReply {
  /** Absent: the outputs are those of the run before (same shapes in the same shared memory). */
  readonly outputs?: readonly Tensor[];
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
}

/** Why a request failed, as plain data: class instances do not survive the way between threads. */
export type Failure =
  | { readonly code: 'ExecutionProviderUnavailable'; readonly reason: string; readonly available: readonly string[] }
  | { readonly code: 'ModelRefused' | 'RunFailed'; readonly reason: string };

export type ThreadRequest =
  | { readonly kind: 'open'; readonly value: OpenRequest }
  | { readonly kind: 'run'; readonly value: RunRequest }
  | { readonly kind: 'close' };

export type ThreadReply =
  | { readonly kind: 'opened'; readonly value: OpenReply }
  | { readonly kind: 'ran'; readonly value: RunReply }
  | { readonly kind: 'failed'; readonly value: Failure }
  | { readonly kind: 'closed' };
