import type { Cut, CutKind } from '../api/cut.ts';
import type { Manifest } from '../api/manifest/manifest.ts';
import type { Spec } from '../api/manifest/spec.ts';
import type { WorkerSpec } from '../api/manifest/worker.ts';
import type { Side } from '../api/subjects.ts';
import { openSession, type Session } from './inference/session.ts';
import { InputMismatchError } from './input/errors.ts';
import type { Inputs } from './input/inputs.ts';
import { openInputs } from './input/open.ts';
import { type PreprocessPlan, preprocessPlan } from './input/preprocess.ts';
import type { Preprocess } from './input/spec.ts';
import { type LabelReader, labelReader } from './labels.ts';
import { type ModelPlan, planModel } from './onnx/plan.ts';
import { readModel } from './onnx/read.ts';
import type { Stub } from './onnx/stub.ts';
import { fullStub, headStub, tailStub } from './onnx/submodels.ts';
import { inputPath, type Places } from './resolve.ts';
import { classNames as classNamesOf } from './zoo/labels.ts';
import { isZooModel, zooModels } from './zoo/models.ts';

/** What both workers of an experiment know: its model, where it may be cut, and how its output is read. */
export interface Experiment {
  readonly spec: Spec;
  readonly classNames: readonly string[] | null;
  readonly labels: LabelReader;
  /** The model with inputs of this batch size. */
  model(batchSize: number): Promise<ModelPlan>;
}

export async function openExperiment(manifest: Manifest, modelPath: string): Promise<Experiment> {
  const { spec } = manifest;
  const zoo = zooOf(spec);
  const classNames = zoo ? await classNamesOf(zoo.labels) : null;
  const onnx = await readModel(modelPath);
  const plans = new Map<number, Promise<ModelPlan>>();
  const dimensions = Object.fromEntries(spec.input.dimensions.map(({ name, size }) => [name, size]));
  return {
    spec,
    classNames,
    labels: labelReader(spec.output, classNames),
    model(batchSize) {
      const plan = plans.get(batchSize) ?? planModel(onnx, { ...selectionOf(spec), batchSize, dimensions });
      plans.set(batchSize, plan);
      return plan;
    },
  };
}

/** What the manifest feeds to the model, fetched where it is on the web; images are read when they are needed. */
export async function openExperimentInputs({ spec, classNames, model }: Experiment, places: Places): Promise<Inputs> {
  const { file: _file, persistentVolumeClaim: _claim, http: _http, ...rest } = spec.input;
  const file = await inputPath(spec, places);
  const { inputs } = await model(1);
  return openInputs(
    { ...rest, ...(file !== null && { file }) },
    {
      folder: places.folder,
      modelInputs: inputs,
      preprocess: preprocessOf(spec),
      classNames: classNames ?? undefined,
      randomCount: Math.max(...spec.batchSizes),
    },
  );
}

/** How images become tensors, for a side that has no inputs of its own; null where the model takes no images. */
export async function imagePreprocess({ spec, model }: Experiment): Promise<PreprocessPlan | null> {
  const { inputs } = await model(1);
  try {
    return preprocessPlan(preprocessOf(spec), inputs);
  } catch (error) {
    if (error instanceof InputMismatchError) return null;
    throw error;
  }
}

/** Opens the part of the model that a side runs for a kind of cut, with the session settings of that side. */
export async function openPart(
  experiment: Experiment,
  part: { readonly kind: CutKind; readonly tensors: readonly string[]; readonly side: Side },
  batchSize: number,
  { worker, sharedHost, signal }: { worker: WorkerSpec; sharedHost: boolean; signal: AbortSignal },
): Promise<Session> {
  const plan = await experiment.model(batchSize);
  const { bytes, folder } = stubOf(plan, part);
  return openSession({
    model: bytes,
    folder,
    executionProvider: worker.executionProvider,
    device: worker.device,
    threads: worker.threads,
    spinning: !sharedHost,
    optimization: worker.session.optimization,
    providerOptions: worker.session.providerOptions,
    signal,
  });
}

function stubOf(plan: ModelPlan, { kind, tensors, side }: Parameters<typeof openPart>[1]): Stub {
  if (kind !== 'Cut') return fullStub(plan);
  const cut = cutOf(plan, tensors);
  return side === 'local' ? headStub(plan, cut) : tailStub(plan, cut);
}

/** The plan's cut through these tensors. */
export function cutOf({ cuts }: ModelPlan, tensors: readonly string[]): Cut {
  const wanted = [...tensors].sort().join();
  const cut = cuts.find(
    (candidate) =>
      candidate.tensors
        .map(({ name }) => name)
        .sort()
        .join() === wanted,
  );
  if (!cut) throw new RangeError(`the model has no cut through ${tensors.join(', ')}`);
  return cut;
}

function preprocessOf(spec: Spec): Preprocess {
  return spec.input.preprocess ?? zooOf(spec)?.preprocess ?? { type: 'Imagenet' };
}

function selectionOf({ cuts }: Spec): Pick<Parameters<typeof planModel>[1], 'cuts' | 'maxCount'> {
  const { selection, layers = [], maxTensors, maxCount } = cuts;
  return {
    cuts: selection === 'Named' ? { selection, layers, maxTensors } : { selection, maxTensors },
    maxCount,
  };
}

function zooOf({ model }: Spec) {
  return model.zoo !== undefined && isZooModel(model.zoo) ? zooModels[model.zoo] : null;
}
