import { Worker } from 'node:worker_threads';
import '../quiet-runtime.ts';

/** Between two sessions; does not keep the process running. */
let idle: Worker | undefined;

/** The thread that the last session left, or a fresh one. Starting one takes longer than most sessions. */
export function takeThread(): Worker {
  const thread = idle ?? start();
  idle = undefined;
  thread.ref();
  return thread;
}

/** Keeps a thread that holds no session any more for the next one; all but one are ended. */
export function leaveThread(thread: Worker): void {
  if (idle) void thread.terminate();
  else {
    idle = thread;
    thread.unref();
  }
}

function start(): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const thread = new Worker(new URL(`./session-thread.${extension}`, import.meta.url));
  // While it is idle nobody else listens, and nobody needs to know.
  thread.on('error', () => {});
  thread.on('exit', () => {
    if (idle === thread) idle = undefined;
  });
  return thread;
}
