import type { KubeObject } from '../objects.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** For the whole call, repeated attempts included; 30 s where absent. */
  readonly timeoutMs?: number;
  /** False: one attempt. */
  readonly retry?: boolean;
}

/** Which objects of a kind: labels and fields as `kubectl --selector` and `--field-selector` take them. */
export interface Selection {
  /** One namespace; absent: all. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListOptions extends CallOptions, Selection {
  /** Objects in a page; absent: all in one. */
  readonly limit?: number;
  readonly continue?: string;
  /** Absent: the newest state. */
  readonly resourceVersion?: string;
}

export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  /** After how long the server ends the watch. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** How long the server may take to begin its answer; 30 s where absent. */
  readonly openTimeoutMs?: number;
}

export interface WriteOptions extends CallOptions {
  /** Checks everything and stores nothing. */
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Takes fields over from other managers instead of FieldConflict. */
  readonly force?: boolean;
}

export interface PatchOptions extends WriteOptions {
  /** RFC 7386 (`merge`, the default), RFC 6902 (`json`), or the API's own merge by list keys (`strategic`). */
  readonly type?: 'merge' | 'json' | 'strategic';
  readonly subresource?: string;
}

export interface DeleteOptions extends CallOptions {
  /** Conflict unless the object is this one. */
  readonly uid?: string;
  /** Conflict unless the object is as it was then. */
  readonly resourceVersion?: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
}

/** What server-side apply takes: the fields that this manager wants, not the whole object. */
export type Applied<T extends KubeObject> = Partial<T> & { readonly metadata: { readonly name: string } };

/** The same with the state it was decided on: a later one is a Conflict. */
export type Observed<T extends KubeObject> = Partial<T> & {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
};
