import { fork } from 'node:child_process';
import { on, once } from 'node:events';

export interface Peer extends AsyncDisposable {
  /** The next message from the process. */
  next<T>(): Promise<T>;
  send(message: object): void;
}

/** Forks a module of this folder and talks to it over IPC; disposing waits until it has ended. */
export function start(module: string, ...args: string[]): Peer {
  const child = fork(new URL(module, import.meta.url), args);
  const messages = on(child, 'message', { close: ['exit'] });
  return {
    async next<T>() {
      const { value, done } = await messages.next();
      if (done === true) throw new Error(`${module} ended with status ${child.exitCode}`);
      return value[0] as T;
    },
    send: (message) => child.send(message),
    async [Symbol.asyncDispose]() {
      const exit = once(child, 'exit');
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await exit;
    },
  };
}
