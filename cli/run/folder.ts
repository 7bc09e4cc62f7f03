import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { type SpanTally, spanTallySchema } from '../../api/messages/spans.ts';
import { UsageError } from '../errors.ts';
import { takeLock } from './lock.ts';

const runFileSchema = z.strictObject({
  toolVersion: z.string(),
  name: z.string(),
  uid: z.string(),
  /** SHA-256 of the manifest as it runs. */
  manifestDigest: z.string(),
  /** How often the run was started: once, and with each --resume. */
  starts: z.int().positive(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  /** What became of the spans of all its starts; null where none were to be sent. */
  spans: spanTallySchema.nullable().default(null),
});
export type RunFile = z.infer<typeof runFileSchema>;

/** The folder of one run: its state, its results, its logs and the store of its NATS server. */
export interface RunFolder extends AsyncDisposable {
  readonly path: string;
  readonly run: RunFile;
  /** Where the results of an earlier, finished run of the same manifest were moved to. */
  readonly movedTo: string | null;
  /** Nothing is left to run: its results are asked for again. */
  readonly finished: boolean;
  file(...names: string[]): string;
  finish(spans: SpanTally | null): Promise<void>;
  /** Notes what became of spans so far, of a run that did not come to its end. */
  interrupt(spans: SpanTally | null): Promise<void>;
}

export interface FolderRequest {
  readonly path: string;
  readonly name: string;
  readonly manifestDigest: string;
  readonly toolVersion: string;
  readonly resume: boolean;
  readonly now: () => Date;
}

/**
 * Opens the folder of a run and locks it. A new folder is made; an unfinished run needs `resume`; a finished run of the
 * same manifest is kept beside it under a number unless `resume`; anything else is a `UsageError` and stays untouched.
 */
export async function openRunFolder(request: FolderRequest): Promise<RunFolder> {
  const path = resolve(request.path);
  const inFolder = (...names: string[]) => join(path, ...names);
  const earlier = await readRun(path);
  if (earlier) checkEarlier(path, earlier, request);
  else await checkEmpty(path);
  await makeFolder(path);
  let lock = await takeLock(inFolder('run.lock'));
  let movedTo: string | null = null;
  if (earlier?.finishedAt && !request.resume) {
    await lock[Symbol.asyncDispose]();
    movedTo = await moveAside(path);
    await makeFolder(path);
    lock = await takeLock(inFolder('run.lock'));
  }
  try {
    const { toolVersion, name, manifestDigest } = request;
    const resumed = request.resume ? earlier : null;
    const finished = resumed !== null && resumed.finishedAt !== null;
    const run: RunFile =
      resumed !== null
        ? { ...resumed, starts: resumed.starts + (finished ? 0 : 1) }
        : {
            toolVersion,
            name,
            uid: randomUUID(),
            starts: 1,
            manifestDigest,
            startedAt: request.now().toISOString(),
            finishedAt: null,
            spans: null,
          };
    await mkdir(inFolder('logs'), { recursive: true });
    await writeRun(path, run);
    return {
      path,
      run,
      movedTo,
      finished,
      file: inFolder,
      interrupt: (spans) => writeRun(path, { ...run, spans }),
      finish: (spans) => writeRun(path, { ...run, finishedAt: request.now().toISOString(), spans }),
      [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

function checkEarlier(path: string, earlier: RunFile, { manifestDigest, resume }: FolderRequest): void {
  if (earlier.manifestDigest !== manifestDigest) {
    const what = resume
      ? 'a run of another manifest, which cannot be resumed with this one'
      : 'a run of another manifest';
    throw new UsageError(
      `${path} holds ${what} (${earlier.name}, started ${earlier.startedAt}): choose another --output`,
    );
  }
  if (!earlier.finishedAt && !resume) {
    throw new UsageError(
      `${path} holds an unfinished run started ${earlier.startedAt}: add --resume to finish it, or choose another --output`,
    );
  }
}

async function checkEmpty(path: string): Promise<void> {
  const entries = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new UsageError(`${path} cannot be used as --output: ${error.message}`, { cause: error });
  });
  const foreign = entries.filter((name) => !name.startsWith('run.lock'));
  if (foreign.length > 0) {
    throw new UsageError(`${path} holds files that are no run of this tool (${foreign[0]}): choose another --output`);
  }
}

/** Makes a folder and those above it, step by step: the recursive `mkdir` of Node never ends below `/proc`. */
async function makeFolder(path: string, below = false): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return;
    if (code === 'ENOENT' && !below && dirname(path) !== path) {
      await makeFolder(dirname(path));
      return makeFolder(path, true);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path} cannot be used as --output: ${reason}`, { cause: error });
  }
}

async function moveAside(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const target = `${path}.${number}`;
    try {
      await readdir(target);
    } catch {
      await rename(path, target);
      return target;
    }
  }
}

/** The state of the run in a folder; null where there is none. Throws `UsageError` for that of another version. */
export async function readRun(path: string): Promise<RunFile | null> {
  const file = join(path, 'run.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return runFileSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UsageError(`${file} is not the state of a run of this version: choose another --output`, {
      cause: error,
    });
  }
}

async function writeRun(path: string, run: RunFile): Promise<void> {
  const file = join(path, 'run.json');
  await writeFile(`${file}.new`, `${JSON.stringify(run, null, 2)}\n`);
  await rename(`${file}.new`, file);
}
