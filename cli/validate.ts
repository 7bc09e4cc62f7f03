import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseManifest } from '../api/manifest/parse.ts';
import { formatProblem, type Problem, type Warning } from '../api/manifest/problem.ts';
import { findIneffective, findUnsupported } from '../api/unsupported.ts';

/** Where a command reads from and writes to. */
export interface ValidateIo {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

export interface ValidateOptions {
  /** Assignments `path=value`, made before the check. */
  readonly set?: readonly string[];
  /** Sources that are given a folder: `pvc/NAME=DIR`, `configmap/NAME=DIR`. */
  readonly bind?: readonly string[];
  /** Print one JSON object `{ok, problems, warnings}` instead of lines. */
  readonly json?: boolean;
}

interface Outcome {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/**
 * Says everything that is wrong with a manifest, `-` for standard input: whether it can be read, and whether a local run
 * can do what it asks for. Gives the exit status: 0 when it is fine, 2 when not.
 */
export async function validateCommand(file: string, options: ValidateOptions, io: ValidateIo): Promise<number> {
  const source = file === '-' ? 'standard input' : file;
  const { problems, warnings } = await check(file, source, options, io);
  const ok = problems.length === 0;
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ ok, problems, warnings })}\n`);
    return ok ? 0 : 2;
  }
  for (const warning of warnings) io.stderr.write(`warning: ${formatProblem(warning)}\n`);
  for (const problem of problems) io.stderr.write(`${formatProblem(problem)}\n`);
  if (ok) io.stdout.write(`${source}: ok\n`);
  return ok ? 0 : 2;
}

async function check(file: string, source: string, options: ValidateOptions, io: ValidateIo): Promise<Outcome> {
  let content: string;
  try {
    content = file === '-' ? await text(io.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { problems: [{ path: '', message, remedy: 'name a file that holds a manifest', source }], warnings: [] };
  }
  const parsed = parseManifest(content, source, { set: options.set ?? [] });
  if (!parsed.ok) return { problems: parsed.problems, warnings: [] };
  const binds = new Set((options.bind ?? []).map((bind) => bind.split('=', 1)[0] ?? ''));
  const context = { cluster: false, binds };
  const placed = (problem: Problem): Problem => ({ ...problem, ...parsed.locate(problem.path) });
  return {
    problems: findUnsupported(parsed.manifest, context).map(placed),
    warnings: findIneffective(parsed.manifest, context).map(placed),
  };
}
