import type { Dataflow } from './dataflow.ts';
import { type Origin, originOf } from './layer-names.ts';

/** A part of the model under the name that people know it by. */
export interface Layer {
  readonly name: string;
  /** Indices into `Dataflow.nodes`, in execution order. */
  readonly nodes: readonly number[];
}

/**
 * Groups a model's nodes into layers, in the order of their last nodes. Nodes of one origin that are connected are one
 * layer; a module that is used several times gives `relu`, `relu_1`, ... in execution order, as torchvision counts. A
 * node whose exporter left nothing is a layer under its own name, or its output's. Names are unique.
 */
export function findLayers(flow: Dataflow): Layer[] {
  const origins = stripKeras(flow.nodes.map(originOf));
  const containers = new Set(origins.flatMap((origin) => (origin === undefined ? [] : prefixes(origin.path))));
  const wanted = flow.nodes.map((node, index) => {
    const origin = origins[index];
    const own = node.name || (node.outputs.find((name) => name !== '') ?? node.operator);
    if (origin === undefined) return own;
    const module = origin.path.join('.');
    // In a module that has parts, what it does itself is a layer beside them.
    const step = module === '' || containers.has(module) ? (origin.step?.toLowerCase() ?? '') : '';
    return [module, step.replace(/_\d+$/, '')].filter((part) => part !== '').join('.') || own;
  });
  const groups = connected(flow, wanted).sort((a, b) => a[0] - b[0]);
  const names = unique(
    groups.map(([first]) => wanted[first] ?? ''),
    (name, count) => `${name}_${count}`,
  );
  return groups
    .map((nodes, index) => ({ name: names[index] ?? '', nodes }))
    .sort((a, b) => (a.nodes.at(-1) ?? 0) - (b.nodes.at(-1) ?? 0));
}

/** Makes names unique: the first keeps its name, later ones are changed until they differ from all. */
export function unique(names: readonly string[], change: (name: string, count: number) => string): string[] {
  const reserved = new Set(names);
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  return names.map((name) => {
    let result = name;
    while (seen.has(result) || (result !== name && reserved.has(result))) {
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      result = change(name, count);
    }
    seen.add(result);
    return result;
  });
}

function prefixes(path: readonly string[]): string[] {
  const parts = path.join('.').split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}

/** Sets of nodes that have the same name and feed each other, each in execution order. */
function connected(flow: Dataflow, names: readonly string[]): [number, ...number[]][] {
  const groupOf = names.map((_, index) => index);
  const find = (node: number): number => {
    let root = node;
    while (groupOf[root] !== root) root = groupOf[root] ?? root;
    groupOf[node] = root;
    return root;
  };
  for (const { producer, consumers } of flow.tensors) {
    for (const consumer of consumers) {
      if (producer < 0 || names[producer] !== names[consumer]) continue;
      const [low, high] = [find(producer), find(consumer)].sort((a, b) => a - b);
      if (low !== undefined && high !== undefined) groupOf[high] = low;
    }
  }
  const groups = new Map<number, [number, ...number[]]>();
  for (const node of names.keys()) {
    const root = find(node);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [node]);
    else group.push(node);
  }
  return [...groups.values()];
}

/**
 * Keras paths begin with the model, which names nothing, and a model traced for export bears a `_1` that its layers then
 * bear too: both go.
 */
function stripKeras(origins: readonly (Origin | undefined)[]): (Origin | undefined)[] {
  const deep = origins.flatMap((origin) => (origin !== undefined && origin.path.length > 1 ? [origin.path] : []));
  const root = deep[0]?.[0];
  if (root === undefined || !deep.every((path) => path[0] === root)) return [...origins];
  const suffix = /_\d+$/.exec(root)?.[0];
  const traced = suffix !== undefined && deep.every((path) => path.slice(1).every((part) => part.endsWith(suffix)));
  return origins.map((origin) => {
    if (origin === undefined || origin.path[0] !== root) return origin;
    const path = origin.path.slice(1).map((part) => (traced ? part.slice(0, -suffix.length) : part));
    return { path, step: origin.step };
  });
}
