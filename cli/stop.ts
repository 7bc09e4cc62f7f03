import { readFileSync } from 'node:fs';

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
    const started = ancestors(process.ppid);
    // The system tells nobody that its parent is gone but by the changed id.
    const check = setInterval(() => {
      if (ancestors(process.ppid) !== started) stop.abort(new Interrupted('SIGTERM'));
    }, parentCheckMs);
    check.unref();
    stop.signal.addEventListener('abort', () => clearInterval(check), { once: true });
  }
  return stop.signal;
}

/** Ids of the parent and, where /proc tells it, of its parent: npm starts a command through a shell, which outlives it. */
function ancestors(parent: number): string {
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8');
    // proc(5): after the name in parentheses come the state and the parent's id.
    return `${parent} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`;
  } catch {
    return `${parent}`;
  }
}
