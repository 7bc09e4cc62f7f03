import { stat } from 'node:fs/promises';
import type { Manifest } from '../api/manifest/manifest.ts';
import type { Plan } from '../api/plan/expand.ts';
import type { LocatedModel, WorkerConfig } from '../api/worker-config.ts';
import { type Experiment, openExperiment, openExperimentInputs } from './experiment.ts';
import { decodeToPixels } from './input/image.ts';
import type { Inputs } from './input/inputs.ts';
import { mistakeOf } from './mistake.ts';
import { planExperiment } from './plan.ts';
import { locateModel, type Places, resolveManifest } from './resolve.ts';
import { timedStep } from './steps.ts';

/** A configuration whose model is at hand and whose manifest has the defaults that depend on it. */
export interface PreparedConfig extends WorkerConfig {
  readonly model: LocatedModel;
}

/** An experiment whose model was found and read, and can be run in all batch sizes. */
export interface PreparedModel {
  /** With the defaults that depend on the model. */
  readonly manifest: Manifest;
  readonly model: LocatedModel;
  readonly experiment: Experiment;
}

/** Finds or fetches the model unless it is known, and reads it. Throws a `FatalError` for what the manifest can mend. */
export async function prepareModel(
  written: Manifest,
  known: LocatedModel | null,
  places: Places,
): Promise<PreparedModel> {
  const manifest = resolveManifest(written);
  const { spec } = manifest;
  let batchSize = 1;
  try {
    const model = known ?? (await fetchedModel(spec, places));
    const experiment = await openExperiment(manifest, model.path);
    // Each size is a model of its own: one that is fixed to another must not show in the middle of a run.
    for (batchSize of new Set([1, ...spec.batchSizes])) await experiment.model(batchSize);
    return { manifest, model, experiment };
  } catch (error) {
    throw mistakeOf(error, spec, batchSize) ?? error;
  }
}

/** The model's place, found as a step of its own: a download may take most of an experiment's time. */
async function fetchedModel(spec: Manifest['spec'], places: Places): Promise<LocatedModel> {
  const bytesByFile = new Map<string, number>();
  const watched: Places = {
    ...places,
    onProgress(progress) {
      bytesByFile.set(progress.name, progress.bytes);
      places.onProgress?.(progress);
    },
  };
  return timedStep(
    'model.fetch',
    places.onStep,
    () => locateModel(spec, watched),
    async ({ name, path, digest }) => ({
      'splitlab.model.name': name,
      'splitlab.model.digest': digest,
      'splitlab.model.source': Object.entries(spec.model).find(([, source]) => source !== undefined)?.[0],
      'splitlab.model.size': (await stat(path)).size,
      'splitlab.fetch.bytes': [...bytesByFile.values()].reduce((sum, bytes) => sum + bytes, 0),
    }),
  );
}

/** Finds or fetches the inputs, checks them (`decodeImages`: as far as decoding some), and plans. Throws a `FatalError` for what the manifest can mend. */
export async function preparePlan(
  { manifest, model, experiment }: PreparedModel,
  places: Places,
  { decodeImages }: { readonly decodeImages: boolean },
): Promise<{ readonly inputs: Inputs; readonly plan: Plan }> {
  const prepare = async () => {
    const inputs = await openExperimentInputs(experiment, places);
    if (decodeImages) await checkImages(inputs);
    return { inputs, plan: await planExperiment(experiment, inputs, model.digest) };
  };
  try {
    return await timedStep('plan', places.onStep, prepare, ({ plan }) => ({
      'splitlab.plan.digest': plan.digest,
      'splitlab.visits.total': plan.visits.length,
    }));
  } catch (error) {
    throw mistakeOf(error, manifest.spec) ?? error;
  }
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
