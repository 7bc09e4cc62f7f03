import type { Clock } from '../runtime/clock.ts';
import { Problem } from './problem.ts';

export interface AnswersOptions<V> {
  /** Answers remembered; the oldest goes first. */
  readonly capacity: number;
  /** Questions asked at a time; beyond that `Problem` TooManyRequests. */
  readonly concurrency: number;
  /** How long an answer holds, in ms. */
  readonly holdsMs: (answer: V) => number;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Remembers answers of the API server for a short time; the same question is asked once at a time. Failures are forgotten. */
export class Answers<V> {
  readonly #options: AnswersOptions<V>;
  readonly #known = new Map<string, { readonly answer: V; readonly untilMs: number }>();
  readonly #asked = new Map<string, Promise<V>>();

  constructor(options: AnswersOptions<V>) {
    this.#options = options;
  }

  get size(): number {
    return this.#known.size;
  }

  /** The answer remembered under `key`, else what `ask` gives. */
  async get(key: string, ask: () => Promise<V>): Promise<V> {
    const known = this.#known.get(key);
    if (known && known.untilMs > this.#options.clock.monotonic()) return known.answer;
    this.#known.delete(key);
    const asked = this.#asked.get(key) ?? this.#ask(key, ask);
    return asked;
  }

  #ask(key: string, ask: () => Promise<V>): Promise<V> {
    if (this.#asked.size >= this.#options.concurrency) {
      throw new Problem(429, 'too many callers at once are still to be checked; try again', { retryAfterSeconds: 1 });
    }
    const asked = ask()
      .then((answer) => {
        this.#remember(key, answer);
        return answer;
      })
      .finally(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    return asked;
  }

  #remember(key: string, answer: V): void {
    const { capacity, holdsMs, clock } = this.#options;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= capacity && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, { answer, untilMs: clock.monotonic() + holdsMs(answer) });
  }
}
