import type { Clock } from '../clock.ts';
import { ControllerStuck } from './errors.ts';

/** Notices work that goes on for too long after it was told to stop. */
export class Overdue implements Disposable {
  /** Rejects with ControllerStuck once the time after the abort has passed; never resolves. */
  readonly passed: Promise<never>;
  #cancel = (): void => {};
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;

  constructor(
    signal: AbortSignal,
    { name, stopTimeoutMs = 10_000 }: { readonly name: string; readonly stopTimeoutMs?: number },
    clock: Clock,
    active: () => readonly string[],
  ) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.passed = promise;
    this.#signal = signal;
    this.#onAbort = () => {
      this.#cancel = clock.after(stopTimeoutMs, () => reject(new ControllerStuck(name, active())));
    };
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  [Symbol.dispose](): void {
    this.#cancel();
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
