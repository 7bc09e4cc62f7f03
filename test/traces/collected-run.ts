import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type SpanTally, spanTallySchema } from '../../api/messages/spans.ts';
import type { VisitRecord } from '../../api/record/record.ts';
import { runToEnd, temporaryFolder } from '../support/command.ts';
import { manifestText } from '../support/manifest.ts';
import { recordsOf } from '../support/results.ts';

const runFileSchema = z.object({ spans: spanTallySchema.nullable() });

/** What a run leaves behind whose spans go to some receiver. */
export interface CollectedRun {
  readonly status: number | null;
  readonly stderr: string;
  readonly wallMs: number;
  readonly records: readonly VisitRecord[];
  /** What `run.json` says of its spans. */
  readonly spans: SpanTally | null;
  readonly localLog: string;
}

/** Runs a small experiment with `spec.telemetry`; `binds` as for `--bind`. */
export async function collectedRun(
  telemetry: Readonly<Record<string, unknown>> | undefined,
  binds: readonly string[] = [],
): Promise<CollectedRun> {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'out');
  const measurement = { warmup: 1, repetitions: 4, blocks: 2 };
  const stdin = manifestText({ measurement, ...(telemetry && { telemetry }) });
  const bindings = binds.flatMap((bind) => ['--bind', bind]);
  const startMs = performance.now();
  const { status, stderr } = await runToEnd(['run', '-', '--output', output, ...bindings], {
    folder: folder.path,
    stdin,
  });
  const wallMs = performance.now() - startMs;
  const text = (...path: string[]) => readFile(join(output, ...path), 'utf8');
  const records = await recordsOf(output);
  const { spans } = runFileSchema.parse(JSON.parse(await text('run.json')));
  return { status, stderr, wallMs, records, spans, localLog: await text('logs', 'local.log') };
}
