import { waterfall } from '../../api/record/waterfall.ts';
import { exitStatus } from '../errors.ts';
import type { Io } from '../io.ts';
import { type Found, findInference, type Wanted } from './find.ts';
import { printWaterfall } from './print.ts';
import type { TraceSource } from './source.ts';

/** How wide a picture is where no terminal says it, and at most where one does. */
const columns = { standard: 80, least: 60, most: 140 };

/** Prints one inference segment by segment. Gives the exit status; throws `UsageError` where it is not to be found. */
export async function traceCommand(
  source: TraceSource,
  { json = false, ...wanted }: Wanted & { readonly json?: boolean },
  { stdout }: Pick<Io, 'stdout'>,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const found = await findInference(source, wanted);
  stdout.write(json ? `${JSON.stringify(traceJson(found))}\n` : printWaterfall(found, optionsFor(stdout, environment)));
  return exitStatus.done;
}

function optionsFor(stdout: Io['stdout'], environment: NodeJS.ProcessEnv) {
  const width = stdout.columns ?? columns.standard;
  return {
    columns: Math.min(columns.most, Math.max(columns.least, width)),
    // https://no-color.org: set, and not empty.
    colours: stdout.isTTY === true && !environment.NO_COLOR,
  };
}

function traceJson({ record, sample }: Found) {
  const { experiment, visitId, trialId, attempt, verdict, model, cut, codec, link, transfer, batchSize, clock } =
    record;
  return {
    traceId: sample.traceId,
    experiment,
    visitId,
    trialId,
    attempt,
    repetition: sample.repetition,
    input: sample.input,
    verdict,
    model,
    cut,
    codec,
    link,
    transfer,
    batchSize,
    clock,
    ...waterfall(record, sample),
    local: record.local,
    remote: record.remote,
  };
}
