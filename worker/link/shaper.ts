/** Says that the next `bytes` bytes offered are delivered, together, at `dueMs`. */
export type Deliver = (bytes: number, dueMs: number) => void;

/**
 * One direction of a link as a model: bytes go in with the time of their arrival, delivery times come out. It has no
 * clock, no timer and no data, so that a model of packets stands beside one of rates. All times are milliseconds of
 * one monotonic clock; `nowMs` must not go back.
 */
export interface Shaper {
  /**
   * Takes `bytes` bytes of `flow` (one TCP connection) that arrived at `nowMs` and calls `deliver` for consecutive
   * parts of them, with due times that never go back from one call of `offer` to the next. Zero bytes are a place in
   * the queue: delivered after all that came before.
   */
  offer(nowMs: number, bytes: number, flow: object, deliver: Deliver): void;
  /** IP-layer bytes that have arrived and not yet departed. */
  backlogBytes(nowMs: number): number;
  /** When the backlog will be down to `bytes`, if nothing more arrives. */
  backlogDownToMs(bytes: number): number;
}
