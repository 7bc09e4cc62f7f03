import { canonicalJson } from '../../api/canonical.ts';
import type { Manifest } from '../../api/manifest/manifest.ts';
import { PlanTooLarge } from '../../api/plan/errors.ts';
import type { Plan } from '../../api/plan/expand.ts';
import { sha256 } from '../../api/plan/trial.ts';
import { openExperiment, openExperimentInputs } from '../../worker/experiment.ts';
import { InputFileError, InputMismatchError } from '../../worker/input/errors.ts';
import { OnnxError } from '../../worker/onnx/errors.ts';
import { planExperiment } from '../../worker/plan.ts';
import { FatalError } from '../../worker/process.ts';
import { checkProvider } from '../../worker/provider.ts';
import { type LocatedModel, locateModel, type Places, resolveManifest } from '../../worker/resolve.ts';
import { UsageError } from '../errors.ts';

/** An experiment that is known to be possible: its model was found and read, its inputs too. */
export interface Prepared {
  readonly manifest: Manifest;
  readonly model: LocatedModel;
  readonly plan: Plan;
  /** Equal for equal experiments: manifest with defaults, model and inputs. */
  readonly digest: string;
}

/** Finds everything that is wrong before a process is started. Throws `UsageError` for what the user can mend. */
export async function prepareRun(written: Manifest, places: Places): Promise<Prepared> {
  const manifest = resolveManifest(written);
  try {
    for (const side of ['local', 'remote'] as const) await checkProvider(manifest.spec[side], side);
    const model = await locateModel(manifest.spec, places);
    const experiment = await openExperiment(manifest, model.path);
    const inputs = await openExperimentInputs(experiment, places);
    const plan = await planExperiment(experiment, inputs, model.digest);
    const digest = sha256(canonicalJson({ manifest, model: model.digest, inputs: inputs.digest }));
    return { manifest, model, plan, digest };
  } catch (error) {
    if (isMistake(error)) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function isMistake(error: unknown): error is Error {
  return [OnnxError, InputFileError, InputMismatchError, PlanTooLarge, FatalError].some(
    (kind) => error instanceof kind,
  );
}
