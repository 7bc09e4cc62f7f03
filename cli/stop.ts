import { once } from 'node:events';

/** Why the command is to stop: a signal, or the end of the `npx` that started it. */
export class Interrupted extends Error {
  readonly code = 'Interrupted';
  readonly exitStatus: number;
  constructor(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') {
    super(`stopped by ${signal}`);
    this.name = 'Interrupted';
    // Shells report 128 + the signal's number.
    this.exitStatus = 128 + { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[signal];
  }
}

const parentCheckMs = 500;

/**
 * A signal that aborts with `Interrupted` when the command is asked to stop. A second Ctrl-C ends the process at once.
 * Under `npx` the end of npm counts as SIGTERM: a killed npm leaves its command behind and cannot tell it.
 */
export function stopSignal(env: NodeJS.ProcessEnv = process.env): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const interrupted = new Interrupted(signal);
      if (stop.signal.aborted) process.exit(interrupted.exitStatus);
      stop.abort(interrupted);
    });
  }
  if (env.npm_command === 'exec' || env.npm_lifecycle_event) {
    const parent = process.ppid;
    // The system tells nobody that its parent is gone but by the changed id.
    const check = setInterval(() => {
      if (process.ppid !== parent) stop.abort(new Interrupted('SIGTERM'));
    }, parentCheckMs);
    check.unref();
    once(stop.signal, 'abort').then(() => clearInterval(check));
  }
  return stop.signal;
}
