import { canonicalJson } from '../../api/canonical.ts';
import type { Manifest } from '../../api/manifest/manifest.ts';
import type { Plan } from '../../api/plan/expand.ts';
import { sha256 } from '../../api/plan/trial.ts';
import type { LocatedModel } from '../../api/worker-config.ts';
import { openExperiment, openExperimentInputs } from '../../worker/experiment.ts';
import { decodeToPixels } from '../../worker/input/image.ts';
import type { Inputs } from '../../worker/input/inputs.ts';
import { planExperiment } from '../../worker/plan.ts';
import { checkProvider } from '../../worker/provider.ts';
import { locateModel, type Places, resolveManifest } from '../../worker/resolve.ts';
import { UsageError } from '../errors.ts';
import { describeMistake } from './mistake.ts';

/** An experiment that is known to be possible: its model was found and read, its inputs too. */
export interface Prepared {
  readonly manifest: Manifest;
  readonly model: LocatedModel;
  readonly plan: Plan;
  /** Equal for equal experiments: manifest with defaults, model and inputs. */
  readonly digest: string;
}

/** Images of a large set are decoded only as far as this before the run: a decode takes about 10 ms. */
const checkedImages = 100;

/** A file that only looks like an image must not show in the middle of a run. Throws `InputFileError`. */
async function checkImages(inputs: Inputs): Promise<void> {
  if (inputs.kind !== 'Images') return;
  for (const { name, read } of inputs.items.slice(0, checkedImages)) {
    await decodeToPixels(name, await read(), inputs.preprocess);
  }
}

/** Finds everything that is wrong before a process is started. Throws `UsageError` for what the user can mend. */
export async function prepareRun(written: Manifest, places: Places): Promise<Prepared> {
  const manifest = resolveManifest(written);
  const { spec } = manifest;
  let batchSize = 1;
  try {
    for (const side of ['local', 'remote'] as const) await checkProvider(spec[side], side);
    const model = await locateModel(spec, places);
    const experiment = await openExperiment(manifest, model.path);
    const inputs = await openExperimentInputs(experiment, places);
    await checkImages(inputs);
    const plan = await planExperiment(experiment, inputs, model.digest);
    // Each size is a model of its own: one that is fixed to another must not show in the middle of a run.
    for (batchSize of spec.batchSizes) await experiment.model(batchSize);
    const digest = sha256(canonicalJson({ manifest, model: model.digest, inputs: inputs.digest }));
    return { manifest, model, plan, digest };
  } catch (error) {
    const mistake = describeMistake(error, spec, batchSize);
    if (mistake !== null) throw new UsageError(mistake, { cause: error });
    throw error;
  }
}
