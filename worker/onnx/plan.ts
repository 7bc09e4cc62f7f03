import type { Cut, CutTensor } from '../../api/cut.ts';
import { elementBytes, elementCount, type Tensor } from '../tensor.ts';
import { headCosts, nodeMacs } from './cost.ts';
import { analyse, type Dataflow } from './dataflow.ts';
import { type ConcreteInput, concreteInputs, type DimensionOptions } from './dimensions.ts';
import { OnnxError } from './errors.ts';
import { type Frontier, headOf } from './frontiers.ts';
import { inferTypes, runForShapes, type TensorType } from './infer.ts';
import { layerKey } from './layer-names.ts';
import { findLayers, type Layer, unique } from './layers.ts';
import type { OnnxModel } from './model.ts';
import { refuseUndividable } from './refusals.ts';
import { type CutSelection, evenSubset, selectFrontiers } from './select.ts';
import { labelTensors, type TensorLabel } from './tensor-names.ts';
import { isElementType } from './types.ts';

export interface PlanOptions extends DimensionOptions {
  readonly cuts: CutSelection;
  /** Over this many an even subset by multiply-adds is taken, with a warning. */
  readonly maxCount?: number;
  /** Inputs to run the model on where shapes depend on the data; absent: made up. */
  readonly sample?: readonly Tensor[];
}

/** A model with concrete input sizes, and where it can be cut. */
export interface ModelPlan {
  readonly model: OnnxModel;
  readonly flow: Dataflow;
  /** All inputs of the model. */
  readonly inputs: readonly ConcreteInput[];
  readonly layers: readonly Layer[];
  /** Types and sizes, null where they depend on the data, of tensors by name. */
  readonly types: ReadonlyMap<string, TensorType>;
  /** In execution order, names unique. */
  readonly cuts: readonly Cut[];
  /** Whether every frontier of at most the tensors asked for is listed. */
  readonly exhaustive: boolean;
  readonly warnings: readonly string[];
}

/**
 * Finds the cuts of a model for given input sizes, with what crosses them and what stands before them; no weight is read
 * unless a size depends on the data.
 * Throws `OnnxError`: `Malformed`, `Unsupported`, `Dimensions`, `Rejected`, `UnknownLayer` or `NoCut`.
 */
export async function planModel(model: OnnxModel, options: PlanOptions): Promise<ModelPlan> {
  const flow = analyse(model.graph);
  refuseUndividable(model, flow);
  const { inputs, assumed } = concreteInputs(model.graph.inputs, options);
  const layers = findLayers(flow);
  const labels = labelTensors(flow, layers, inputLayers(model));
  const selected = selectFrontiers(
    flow,
    layers,
    labels.map(({ name }) => name),
    options.cuts,
  );
  const warnings = [...selected.warnings];
  if (assumed.length > 0) {
    warnings.push(
      `Free dimensions are taken as 1: ${assumed.join(', ')}. Name their sizes if the model expects others.`,
    );
  }

  const types = await typesOf(model, flow, inputs);
  const shapes = await shapesOf(model, flow, inputs, types, selected.frontiers, options.sample ?? []);
  warnings.push(...shapes.warnings);

  const costs = headCosts(model, flow, nodeMacs(model, flow, shapes.shapeOf));
  const crossing = (frontier: Frontier) => crossingTensors(flow, types, shapes.shapeOf, frontier);
  const possible = selected.frontiers.flatMap((frontier) => {
    const tensors = crossing(frontier);
    return tensors === undefined ? [] : [{ frontier, tensors, cost: costs(headOf(flow, frontier.tensors)) }];
  });
  const dropped = selected.frontiers.length - possible.length;
  if (dropped > 0) {
    const message = `${dropped} cuts are left out, as a tensor that crosses them has no type or size that can be sent.`;
    if (options.cuts.selection === 'Named') throw new OnnxError('NoCut', message);
    warnings.push(message);
  }

  const { maxCount = Number.POSITIVE_INFINITY } = options;
  const kept = evenSubset(possible, maxCount, ({ frontier, cost }) => cost.headMacsShare ?? frontier.headNodes);
  if (kept.length < possible.length) {
    warnings.push(`The model has ${possible.length} cuts: ${kept.length} of them, even in multiply-adds, are kept.`);
  }
  const names = unique(
    kept.map(({ frontier }) => frontier.tensors.map((index) => labels[index]?.name).join('+')),
    (name, count) => `${name}#${count + 1}`,
  );
  const cuts = kept.map(
    ({ frontier, tensors, cost }, index): Cut => ({
      name: names[index] ?? '',
      kind: 'Cut',
      layer: latestLayer(flow, labels, frontier),
      tensors,
      ...cost,
    }),
  );
  return { model, flow, inputs, layers, types, cuts, exhaustive: selected.exhaustive, warnings };
}

/** Layer names that the file gives to inputs: a network of the zoo begins with one that has no node. */
function inputLayers({ graph }: OnnxModel): Map<string, string> {
  return new Map(
    graph.inputs.flatMap(({ name, metadata }) => {
      const layer = metadata.get(layerKey);
      return layer === undefined ? [] : [[name, layer] as const];
    }),
  );
}

async function typesOf(
  model: OnnxModel,
  flow: Dataflow,
  inputs: readonly ConcreteInput[],
): Promise<Map<string, TensorType>> {
  const names = flow.live.flatMap((node) => node.outputs.filter((name) => name !== ''));
  const types = await inferTypes(model, flow, inputs, names);
  for (const { name, type, shape } of inputs) types.set(name, { type, shape });
  return types;
}

/** Looks up concrete shapes; those that a cut or a count of multiply-adds needs and inference left open come from a run. */
async function shapesOf(
  model: OnnxModel,
  flow: Dataflow,
  inputs: readonly ConcreteInput[],
  types: ReadonlyMap<string, TensorType>,
  frontiers: readonly Frontier[],
  sample: readonly Tensor[],
): Promise<{ shapeOf: (name: string) => readonly number[] | undefined; warnings: string[] }> {
  const inferred = (name: string): readonly number[] | undefined => {
    const weight = model.graph.initializers.get(name);
    if (weight !== undefined) return weight.shape;
    const shape = types.get(name)?.shape;
    const sizes = shape?.filter((size) => size !== null);
    const given = inputs.some((input) => input.name === name);
    // ONNX Runtime describes a scalar and a tensor of unknown rank alike.
    return sizes !== undefined && sizes.length === shape?.length && (sizes.length > 0 || given) ? sizes : undefined;
  };
  const macs = nodeMacs(model, flow, inferred);
  const wanted = new Set([
    ...frontiers.flatMap(({ tensors }) => tensors.map((index) => flow.tensors[index]?.name ?? '')),
    ...flow.nodes.flatMap((node, index) => (macs[index] === undefined ? [...node.inputs, ...node.outputs] : [])),
  ]);
  const open = [...wanted].filter((name) => inferred(name) === undefined && isElementType(types.get(name)?.type));
  if (open.length === 0) return { shapeOf: inferred, warnings: [] };
  try {
    const measured = await runForShapes(model, flow, inputs, open, sample);
    return { shapeOf: (name) => inferred(name) ?? measured.get(name), warnings: [] };
  } catch (cause) {
    if (!(cause instanceof OnnxError)) throw cause;
    const warning = `Some sizes depend on the data and a run to find them failed, so what needs them is left out. ${cause.message}`;
    return { shapeOf: inferred, warnings: [warning] };
  }
}

function crossingTensors(
  flow: Dataflow,
  types: ReadonlyMap<string, TensorType>,
  shapeOf: (name: string) => readonly number[] | undefined,
  frontier: Frontier,
): CutTensor[] | undefined {
  const tensors: CutTensor[] = [];
  for (const index of frontier.tensors) {
    const name = flow.tensors[index]?.name ?? '';
    const type = types.get(name)?.type;
    const shape = shapeOf(name);
    if (!isElementType(type) || shape === undefined) return undefined;
    tensors.push({ name, shape: [...shape], type, bytes: elementCount(shape) * elementBytes[type] });
  }
  return tensors;
}

function latestLayer(flow: Dataflow, labels: readonly TensorLabel[], { tensors }: Frontier): string | null {
  const latest = tensors.reduce<number | undefined>((best, index) => {
    const producer = flow.tensors[index]?.producer ?? -1;
    return best === undefined || producer > (flow.tensors[best]?.producer ?? -1) ? index : best;
  }, undefined);
  return latest === undefined ? null : (labels[latest]?.layer ?? null);
}
