import type { CutKind } from '../../api/cut.ts';

/**
 * The moments of one inference, in milliseconds of the monotonic clock of the side that took them. A mark of a step
 * that this kind of inference does not have is null. A step begins where the one before it ended.
 */
export interface Marks {
  readonly kind: CutKind;
  readonly local: LocalMarks;
  /** Null for LocalOnly. */
  readonly remote: RemoteMarks | null;
}

export interface LocalMarks {
  /** When the input was due; null where each inference follows the one before (SingleStream, Offline). */
  readonly scheduledMs: number | null;
  /** Work on this inference began. */
  readonly startedMs: number;
  /** The input tensor is ready; RemotePixels: the pixels at the model's size are. Null for RemoteSource. */
  readonly preprocessedMs: number | null;
  /** The head (LocalOnly: the whole model) has run. Null for the baselines that run nothing here. */
  readonly headDoneMs: number | null;
  /**
   * Sequential: every byte of the frame is encoded (RemoteSource: read) and the first is about to be sent.
   * Pipelined: the first chunk has been handed to the connection. Null for LocalOnly.
   */
  readonly encodedMs: number | null;
  /** Pipelined: the last chunk is encoded; null otherwise, since `encodedMs` says it. */
  readonly lastEncodedMs: number | null;
  /** The reply has arrived and is decoded. Null for LocalOnly. */
  readonly repliedMs: number | null;
  /** The answer is worked out of the output here; null where that happens remotely or not at all. */
  readonly postprocessedMs: number | null;
}

export interface RemoteMarks {
  /** The first chunk of the frame has arrived. */
  readonly firstChunkMs: number;
  /** The last byte of the frame has arrived. */
  readonly lastChunkMs: number;
  /** Work on this inference began. Sequential: not before `lastChunkMs`; Pipelined: with the first chunk decoded. */
  readonly startedMs: number;
  /** The tail's inputs are decoded (RemotePixels: and normalised). Null for RemoteSource. */
  readonly decodedMs: number | null;
  /** RemoteSource: the file is decoded into the input tensor. Null otherwise. */
  readonly preprocessedMs: number | null;
  /** The tail (a baseline: the whole model) has run. */
  readonly tailDoneMs: number;
  /** The answer is worked out of the output here; null where that happens locally or not at all. */
  readonly postprocessedMs: number | null;
}
