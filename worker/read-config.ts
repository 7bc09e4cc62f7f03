import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FatalError } from './fatal.ts';

/** Reads a configuration file (JSON). Throws a `FatalError` that names the file and the field, never what stands there. */
export async function readConfig<S extends z.ZodType>(schema: S, path: string | undefined): Promise<z.infer<S>> {
  if (path === undefined) throw bad('the only argument is the path of a configuration file');
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw bad(`${path}: ${error.message}`);
  });
  const parsed = schema.safeParse(parseJson(path, text));
  if (!parsed.success) throw bad(`${path}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`);
  return parsed.data;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and with it the password.
    throw bad(`${path}: is not JSON`);
  }
}

function bad(message: string): FatalError {
  return new FatalError('BadConfiguration', message);
}
