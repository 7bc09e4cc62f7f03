import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { CommandFailed } from './errors.ts';

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The whole of its standard input. */
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** Runs a program to its end and gives its standard output. Throws `CommandFailed` with its standard error. */
export async function command(
  file: string,
  args: readonly string[],
  { env, input = '', signal }: CommandOptions = {},
): Promise<string> {
  const child = spawn(file, args, { env: { ...process.env, ...env }, ...(signal && { signal }) });
  // A program that does not read its input to the end closes the pipe.
  child.stdin.on('error', () => {}).end(input);
  const [stdout, stderr, [status, killedBy]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (status !== 0) throw new CommandFailed([basename(file), ...args], status ?? killedBy, stderr || stdout);
  return stdout;
}
