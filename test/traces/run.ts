import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { recordSchema, type SegmentName, segmentNames, type VisitRecord } from '../../api/record/record.ts';

const program = new URL('../../bin/splitlab', import.meta.url).pathname;

/** A line of `samples.csv`, as far as traces say the same. */
export interface SampleRow {
  readonly visitId: string;
  readonly attempt: number;
  readonly repetition: number;
  readonly totalMs: number;
  readonly encodedBytes: number | null;
  readonly replyBytes: number | null;
  readonly traceId: string;
  /** Those that apply, in the order of time. */
  readonly segments: readonly (readonly [name: SegmentName, ms: number])[];
}

export interface TracedRun {
  readonly status: number;
  readonly records: readonly VisitRecord[];
  readonly samples: readonly SampleRow[];
  readonly localLog: string;
  /** Every log of the run by its file's name. */
  readonly logs: Readonly<Record<string, string>>;
  /** Of the run's NATS server. */
  readonly password: string;
}

export interface RunOptions {
  /** Members of the spec in place of the ones below. */
  readonly spec?: Record<string, unknown>;
  /** Variables for all processes of the run. */
  readonly environment?: Record<string, string>;
  /** As for `--bind`. */
  readonly binds?: readonly string[];
}

/** Runs a small experiment with `spec.telemetry` through the command: two cuts and two baselines, a Fluid link. */
export async function tracedRun(
  telemetry: Record<string, unknown>,
  { spec = {}, environment = {}, binds = [] }: RunOptions = {},
): Promise<TracedRun> {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-traces-'));
  try {
    const direction = { bandwidth: '100M', delay: '2ms' };
    const manifest = {
      apiVersion: 'splitlab.dev/v1alpha1',
      kind: 'SplitExperiment',
      metadata: { name: 'traced' },
      spec: {
        model: { zoo: 'DigitsCnn' },
        input: { random: { seed: 1 } },
        cuts: { selection: 'All', maxCount: 2 },
        baselines: ['LocalOnly', 'RemoteTensor'],
        links: [
          { name: 'fluid', type: 'Profile', profile: { transport: 'Fluid', uplink: direction, downlink: direction } },
        ],
        measurement: { warmup: 1, repetitions: 5, blocks: 2 },
        // Whether the link keeps its rate on a busy machine is not what these tests ask.
        tolerance: { bandwidthPercent: '100', delay: '10s' },
        ...spec,
        telemetry,
      },
    };
    const file = join(folder, 'traced.yaml');
    await writeFile(file, stringify(manifest));
    const output = join(folder, 'out');
    const status = await new Promise<number>((resolve) => {
      const env = { ...process.env, ...environment };
      const child = execFile(
        program,
        ['run', file, '--output', output, ...binds.flatMap((bind) => ['--bind', bind])],
        { env },
        () => resolve(child.exitCode ?? -1),
      );
    });
    const logs: Record<string, string> = {};
    for (const name of await readdir(join(output, 'logs'))) {
      logs[name] = await readFile(join(output, 'logs', name), 'utf8');
    }
    const { nats } = JSON.parse(await readFile(join(output, 'processes', 'local.json'), 'utf8'));
    const read = (...path: string[]) => readFile(join(output, ...path), 'utf8');
    return {
      status,
      records: lines(await read('results.jsonl')).map((line) => recordSchema.parse(JSON.parse(line))),
      samples: parseSamples(await read('samples.csv')),
      localLog: logs['local.log'] ?? '',
      logs,
      password: nats.password,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The lines of `samples.csv`. */
export function parseSamples(csv: string): SampleRow[] {
  const [header = '', ...rows] = lines(csv);
  const columns = header.split(',');
  return rows.map((row) => {
    const cells = row.split(',');
    const cell = (column: string) => cells[columns.indexOf(column)] ?? '';
    return {
      visitId: cell('visitId'),
      attempt: Number(cell('attempt')),
      repetition: Number(cell('repetition')),
      totalMs: Number(cell('totalMs')),
      encodedBytes: wholeOrNull(cell('encodedBytes')),
      replyBytes: wholeOrNull(cell('replyBytes')),
      traceId: cell('traceId'),
      segments: segmentNames.flatMap((name) => {
        const text = cell(`${name}Ms`);
        return text === '' ? [] : [[name, Number(text)] as const];
      }),
    };
  });
}

function wholeOrNull(text: string): number | null {
  return text === '' ? null : Number(text);
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean);
}
