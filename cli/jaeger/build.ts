import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { go } from '../programs/go.ts';

/** What the files of `reduced/` stand in place of, in Jaeger's module. */
const replaced = [
  'cmd/jaeger/internal/extension/jaegerstorage/config.go',
  'cmd/jaeger/internal/extension/jaegerstorage/extension.go',
  'internal/storage/v1/factory',
];

/**
 * Builds a module of Jaeger with what takes OTLP, keeps it in memory and answers for it, and without its drivers for
 * databases and brokers: a third of the packages, a fifth of the time. Throws `ProgramMissing`.
 */
export async function buildJaeger(module: string, into: string, scratch: string): Promise<void> {
  // A copy of this build alone, which may be written to; `go install` refuses a module that replaces others.
  const said = await go('jaeger', ['mod', 'download', '-json', module], into, scratch);
  const { Dir } = moduleSchema.parse(JSON.parse(said));
  for (const path of replaced) await rm(join(Dir, path), { recursive: true, force: true });
  await cp(fileURLToPath(new URL('./reduced', import.meta.url)), Dir, { recursive: true });
  const args = ['build', '-trimpath', '-ldflags=-s -w', '-o', join(into, 'jaeger'), './cmd/jaeger'];
  await go('jaeger', args, Dir, scratch);
}

const moduleSchema = z.object({ Dir: z.string() });
