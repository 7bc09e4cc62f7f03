import { ask, type Reach, type Subject } from '../cluster/ask.ts';
import { exitStatus } from '../errors.ts';
import type { Io } from '../io.ts';

/** Gives up the results that an experiment left; the operator removes them after its grace period. */
export async function purgeCommand(reach: Reach, subject: Subject, io: Io, signal: AbortSignal): Promise<number> {
  (await ask(reach, subject, undefined, { method: 'DELETE', signal })).resume();
  io.stderr.write(`the results of ${subject.name} will be removed after the operator's grace period\n`);
  return exitStatus.done;
}
