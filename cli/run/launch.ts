import { fork } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { type SpanTally, spansMessageSchema } from '../../api/messages/spans.ts';
import { terminationSchema } from '../../api/messages/termination.ts';
import { findTaskset, pinnedCommand } from '../../worker/measure/pin.ts';
import type { Ended, Fatal, Running } from './supervise.ts';

const graceMs = 5_000;

/**
 * Starts a worker's main file with its configuration as the only argument and its output appended to `logFile`. The
 * worker ends by itself when this process is gone: it sees the end of the channel between them. `cores`: those that it
 * may run on, where `taskset` is at hand; none: all. `onSpans` is told what became of its spans.
 */
export async function launchWorker(
  main: URL,
  configFile: string,
  logFile: string,
  cores: readonly number[] = [],
  onSpans: (tally: SpanTally) => void = () => {},
): Promise<Running> {
  const taskset = cores.length > 0 ? await findTaskset(process.env.PATH ?? '') : null;
  const { command, args } = pinnedCommand(process.execPath, [], cores, taskset);
  const log = await open(logFile, 'a', 0o600);
  try {
    const child = fork(main, [configFile], {
      execPath: command,
      execArgv: [...args],
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      // Ctrl-C on a terminal reaches the whole process group; the command decides itself when its workers end.
      detached: true,
    });
    let fatal: Fatal | undefined;
    child.on('message', (message) => {
      const said = terminationSchema.safeParse(message).data;
      if (said && 'fatal' in said) fatal = said.fatal;
      const told = spansMessageSchema.safeParse(message).data;
      if (told) onSpans(told.spans);
    });
    const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, ...(fatal && { fatal }) }));
    if (child.pid === undefined) await once(child, 'spawn');
    return {
      pid: child.pid ?? -1,
      ended,
      async stop() {
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
        await ended;
        clearTimeout(timer);
      },
    };
  } finally {
    await log.close();
  }
}
