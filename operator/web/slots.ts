import { Problem } from './problem.ts';

/** A bounded number of things at once, of which one caller may hold a part. */
export class Slots {
  readonly #total: number;
  readonly #perCaller: number;
  readonly #held = new Map<string, number>();

  constructor({ total, perCaller }: { readonly total: number; readonly perCaller: number }) {
    this.#total = total;
    this.#perCaller = perCaller;
  }

  get held(): number {
    return [...this.#held.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Takes one; what is returned gives it back, once. Throws `Problem` TooManyRequests. */
  take(caller: string): () => void {
    const mine = this.#held.get(caller) ?? 0;
    if (mine >= this.#perCaller) throw full(`${mine} of your requests are`);
    if (this.held >= this.#total) throw full('requests of others are');
    this.#held.set(caller, mine + 1);
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      const left = (this.#held.get(caller) ?? 1) - 1;
      if (left > 0) this.#held.set(caller, left);
      else this.#held.delete(caller);
    };
  }
}

function full(whose: string): Problem {
  return new Problem(429, `${whose} still being answered; try again when they are done`, { retryAfterSeconds: 5 });
}
