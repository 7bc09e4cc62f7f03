import { BoundedMap } from './bounded-map.ts';
import { SpamFilter } from './spam-filter.ts';

export interface Occurrence {
  /** UID of the object that the event is about. */
  readonly object: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Equal occurrences, which are one Event object with a count. */
export interface Series {
  readonly message: string;
  readonly count: number;
  readonly first: Date;
  readonly last: Date;
  /** Distinguishes this series from earlier ones of the same text. */
  readonly id: number;
}

interface Group {
  readonly messages: ReadonlySet<string>;
  readonly lastMs: number;
}

/** How long after its last occurrence a series or group is over; as in client-go. */
const windowMs = 600_000;
/** How many different messages of one reason stand as they are before they are combined. */
const distinctMessages = 10;
const remembered = 4096;

/**
 * Turns occurrences into series: equal ones within ten minutes count up, many different messages of one reason become
 * one, and an object that says too much is not heard. Pure but for what it remembers, which is bounded.
 */
export class Correlator {
  readonly #series = new BoundedMap<string, Series>(remembered);
  readonly #groups = new BoundedMap<string, Group>(remembered);
  readonly #spam = new SpamFilter();
  #ids = 0;

  /** The series that the occurrence belongs to, itself included; null where it is filtered out. */
  correlate(occurrence: Occurrence, now: Date): Series | null {
    const nowMs = now.getTime();
    if (!this.#spam.take(occurrence.object, nowMs)) return null;
    const { object, type, reason } = occurrence;
    const group = JSON.stringify([object, type, reason]);
    const combined = this.#isCombined(group, occurrence.message, nowMs);
    const message = combined ? `(combined from similar events): ${occurrence.message}` : occurrence.message;
    const key = combined ? group : JSON.stringify([object, type, reason, message]);
    const before = this.#series.get(key);
    const series =
      before && nowMs - before.last.getTime() <= windowMs
        ? { ...before, message, count: before.count + 1, last: now }
        : { message, count: 1, first: now, last: now, id: ++this.#ids };
    this.#series.touch(key, series);
    return series;
  }

  #isCombined(key: string, message: string, nowMs: number): boolean {
    const before = this.#groups.get(key);
    const recent = before && nowMs - before.lastMs <= windowMs ? before.messages : new Set<string>();
    const known = recent.has(message);
    const combined = !known && recent.size >= distinctMessages;
    const messages = known || combined ? recent : new Set([...recent, message]);
    this.#groups.touch(key, { messages, lastMs: nowMs });
    return combined;
  }
}
