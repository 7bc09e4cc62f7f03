import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CommandFailed } from './errors.ts';

/** The whole of a program's standard input. */
export type CommandInput = string | Readable;

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: CommandInput;
  /** Where it runs. */
  readonly folder?: string;
}

/** Runs a program to its end and gives its standard output. Throws `CommandFailed` with its standard error. */
export async function command(
  file: string,
  args: readonly string[],
  { env, input = '', folder }: CommandOptions = {},
): Promise<string> {
  const child = spawn(file, args, { env: { ...process.env, ...env }, ...(folder && { cwd: folder }) });
  // A program that does not read its input to the end closes the pipe.
  Readable.from(input).pipe(child.stdin.on('error', () => {}));
  const [stdout, stderr, [status, killedBy]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (status !== 0) throw new CommandFailed([basename(file), ...args], status ?? killedBy, stderr || stdout);
  return stdout;
}
