import type { Dataflow } from './dataflow.ts';
import { type Layer, unique } from './layers.ts';

export interface TensorLabel {
  /** Unique: a layer's name for its last tensor, `layer/operator` for others, an input's own name. */
  readonly name: string;
  /** Null for an input of the model. */
  readonly layer: string | null;
}

/**
 * Names every tensor that may cross by the layer that produces it; indices as in `flow.tensors`. `inputNames` are those
 * of the model's inputs that have a name as a layer (`input_1`).
 */
export function labelTensors(
  flow: Dataflow,
  layers: readonly Layer[],
  inputNames: ReadonlyMap<string, string> = new Map(),
): TensorLabel[] {
  const layerOf = new Map(layers.flatMap((layer) => layer.nodes.map((node) => [node, layer] as const)));
  const labels = flow.tensors.map(({ name, producer }, index) => {
    const layer = layerOf.get(producer);
    if (layer === undefined) return { name: inputNames.get(name) ?? name, layer: null };
    const isLast = layer.nodes.at(-1) === producer && flow.nodeOutputs[producer]?.[0] === index;
    const operator = flow.nodes[producer]?.operator ?? '';
    return { name: isLast ? layer.name : `${layer.name}/${operator}`, layer: layer.name };
  });
  const names = unique(
    labels.map(({ name }) => name),
    (name, count) => `${name}_${count}`,
  );
  return labels.map(({ layer }, index) => ({ name: names[index] ?? '', layer }));
}
