import { basename, dirname, extname, resolve } from 'node:path';
import type { Tensor } from '../tensor.ts';
import { samples as zooSamples } from '../zoo/samples.ts';
import { InputFileError, InputMismatchError } from './errors.ts';
import { imagesOf, isImageFile, kindOf, pathInside, readBounded } from './files.ts';
import { digestOf, type ImageItem, type Inputs } from './inputs.ts';
import { classOf, parseLabelTable } from './label-table.ts';
import { limits } from './limits.ts';
import { parseNpy } from './npy.ts';
import { parseNpz } from './npz.ts';
import { preprocessPlan } from './preprocess.ts';
import { randomSamples } from './random.ts';
import { samplesOf } from './samples.ts';
import type { InputSpec, ModelInput, Preprocess } from './spec.ts';

/** What besides the manifest's `input` decides about the inputs. */
export interface OpenOptions {
  /** The folder at which the path `file` starts. */
  readonly folder: string;
  /** With the manifest's dimensions filled in; what is still free (the batch among it) is 1. */
  readonly modelInputs: readonly ModelInput[];
  /** For images where the manifest says nothing; without it Imagenet. */
  readonly preprocess?: Preprocess;
  /** Labels must be among them. */
  readonly classNames?: readonly string[] | undefined;
  /** Samples of a random source, 1 if absent; a batch of n needs n that differ. */
  readonly randomCount?: number;
}

/**
 * Opens the source of a manifest's `input`. Images are read when they are needed, arrays at once; everything is read
 * once here for the digest. Throws InputFileError and InputMismatchError.
 */
export async function openInputs(spec: InputSpec, options: OpenOptions): Promise<Inputs> {
  const { modelInputs } = options;
  const source = sourceOf(spec, options.folder);
  if (source === undefined) return openRandom(spec, modelInputs, options.randomCount ?? 1);
  const isFolder = (await kindOf(source.path)) === 'Folder';
  const folder = isFolder ? source.path : dirname(source.path);
  const table = await readLabels(folder, source.labels, options.classNames);

  if (isFolder || isImageFile(source.path)) {
    const names = isFolder ? await imagesOf(folder) : [basename(source.path)];
    if (isFolder) checkLabels(table, names);
    const plan = preprocessPlan(spec.preprocess ?? options.preprocess ?? { type: 'Imagenet' }, modelInputs);
    const items = await Promise.all(names.map((name) => imageItem(folder, name, table)));
    return { kind: 'Images', items, preprocess: plan, digest: await digestOf(items) };
  }
  refusePreprocess(spec);
  const samples = await readSamples(source.path, modelInputs);
  checkLabels(table, [...samples.keys()].map(String));
  const items = samples.map((tensors, index) => ({ name: `${index}`, label: table?.labels.get(`${index}`), tensors }));
  return { kind: 'Tensors', items, digest: await digestOf(items) };
}

interface Source {
  readonly path: string;
  readonly labels: string | undefined;
}

function sourceOf(spec: InputSpec, folder: string): Source | undefined {
  const members = [spec.sample, spec.random, spec.file].filter((source) => source !== undefined);
  if (members.length > 1) throw new InputMismatchError('input', 'more than one source', 'keep one');
  if (spec.file !== undefined) return { path: resolve(folder, spec.file), labels: spec.labels };
  if (spec.labels !== undefined) {
    const problem = spec.sample === undefined ? 'random inputs have no labels' : `${spec.sample} has its own labels`;
    throw new InputMismatchError('input.labels', problem, 'remove it');
  }
  return spec.sample && zooSamples[spec.sample];
}

function refusePreprocess({ preprocess }: InputSpec): void {
  if (preprocess === undefined || preprocess.type === 'None') return;
  throw new InputMismatchError('input.preprocess', 'tensors are taken as they are', 'remove it or use type: None');
}

async function openRandom(spec: InputSpec, modelInputs: readonly ModelInput[], count: number): Promise<Inputs> {
  refusePreprocess(spec);
  const samples = randomSamples(modelInputs, spec.random?.seed ?? 1, count);
  const items = samples.map((tensors, index) => ({ name: `random-${index}`, label: undefined, tensors }));
  return { kind: 'Tensors', items, digest: await digestOf(items) };
}

async function imageItem(folder: string, name: string, table: LabelTable | undefined): Promise<ImageItem> {
  const path = await pathInside(folder, name);
  return { name, label: table?.labels.get(name), read: () => readBounded(path, limits.imageBytes) };
}

async function readSamples(path: string, modelInputs: readonly ModelInput[]): Promise<readonly (readonly Tensor[])[]> {
  const extension = extname(path).toLowerCase();
  if (extension !== '.npy' && extension !== '.npz') {
    throw new InputFileError(path, 'no kind of input', 'give an image, a folder of images, a .npy or .npz file');
  }
  const file = await readBounded(path, limits.tensorBytes);
  if (extension === '.npz') return samplesOf(path, parseNpz(path, file, limits.tensorBytes), modelInputs);
  const [only, second] = modelInputs;
  if (only === undefined || second !== undefined) {
    const problem = `the model has ${modelInputs.length} inputs`;
    throw new InputMismatchError(path, problem, 'give a .npz file with arrays named as the inputs');
  }
  return samplesOf(path, new Map([[only.name, parseNpy(path, file)]]), modelInputs);
}

interface LabelTable {
  readonly path: string;
  readonly labels: ReadonlyMap<string, string>;
}

async function readLabels(
  folder: string,
  name: string | undefined,
  classNames: readonly string[] | undefined,
): Promise<LabelTable | undefined> {
  if (name === undefined) return undefined;
  const path = await pathInside(folder, name);
  const text = new TextDecoder().decode(await readBounded(path, limits.labelBytes));
  const labels = new Map<string, string>();
  for (const [file, label] of parseLabelTable(path, text)) {
    const known = classOf(label, classNames);
    if (known === undefined) {
      const remedy = 'use the name or the number of one of its classes';
      throw new InputFileError(path, `'${label}' (of ${file}) is no class of the model`, remedy);
    }
    labels.set(file, known);
  }
  return { path, labels };
}

function checkLabels(table: LabelTable | undefined, names: readonly string[]): void {
  const known = new Set(names);
  for (const file of table?.labels.keys() ?? []) {
    if (known.has(file)) continue;
    throw new InputFileError(table?.path ?? '', `there is no '${file}' in the source`, 'correct or remove its row');
  }
}
