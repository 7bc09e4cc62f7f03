import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Verdict, VerifyRequest } from './verify.ts';

export type Outcome = (Verdict | { readonly kind: 'Crashed'; readonly reason: string }) & { readonly path: string };

const deadlineMs = 180_000;

/** Verifies models one after another in a child process, which is replaced when a model ends it. */
export async function verifyAll(requests: readonly VerifyRequest[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let child: ChildProcess | undefined;
  try {
    for (const request of requests) {
      child ??= fork(new URL('./verify-process.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      const outcome = await verifyIn(child, request);
      if (outcome.kind === 'Crashed') child = undefined;
      outcomes.push({ ...outcome, path: request.path });
    }
    return outcomes;
  } finally {
    if (child !== undefined) {
      child.disconnect();
      await once(child, 'exit');
    }
  }
}

async function verifyIn(
  child: ChildProcess,
  request: VerifyRequest,
): Promise<Verdict | { readonly kind: 'Crashed'; readonly reason: string }> {
  const done = new AbortController();
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  try {
    const answer = once(child, 'message', { signal: done.signal }).then(([verdict]) => verdict as Verdict);
    const death = once(child, 'exit', { signal: done.signal }).then(([code, signal]) => ({
      kind: 'Crashed' as const,
      reason: `exit code ${code}, signal ${signal}`,
    }));
    child.send(request);
    const outcome = await Promise.race([answer, death]);
    done.abort();
    await Promise.allSettled([answer, death]);
    return outcome;
  } finally {
    clearTimeout(timer);
  }
}
