import type { OnnxNode } from './model.ts';

/** Where an exporter says that a node comes from: the path of modules, outermost first, and the step inside them. */
export interface Origin {
  readonly path: readonly string[];
  /** What the node does in its module; undefined where the path alone names it. */
  readonly step: string | undefined;
}

/** The key under which a node may carry its layer's name itself; it wins over what an exporter left. */
export const layerKey = 'splitlab.layer';

/** Where a node comes from, read off what its exporter left in its metadata, name or output; undefined if nothing. */
export function originOf(node: OnnxNode): Origin | undefined {
  const own = node.metadata.get(layerKey);
  if (own) return { path: [own], step: undefined };
  return fromDynamo(node) ?? fromTorchScript(node) ?? fromKeras(node) ?? fromPaddle(node);
}

/** PyTorch (dynamo) writes a Python list of module paths, each complete, and last the step: `['', 'layer1.0', 'add']`. */
function fromDynamo(node: OnnxNode): Origin | undefined {
  const scopes = node.metadata.get('pkg.torch.onnx.name_scopes');
  if (scopes === undefined) return undefined;
  const parts = [...scopes.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? '');
  const step = parts.pop();
  const module = parts.pop() ?? '';
  return { path: module === '' ? [] : [module], step };
}

/** PyTorch (TorchScript) names a node `/layer1/layer1.0/conv1/Conv_2`: modules, the operator, a number if repeated. */
function fromTorchScript(node: OnnxNode): Origin | undefined {
  const parts = node.name.split('/');
  const step = parts.pop();
  if (parts.shift() !== '' || step?.replace(/_\d+$/, '') !== node.operator) return undefined;
  const path: string[] = [];
  let before = '';
  for (const part of parts) {
    // The child of a list repeats the list's name: layer1, layer1.0.
    if (before !== '' && part.startsWith(`${before}.`)) path.pop();
    path.push(part);
    before = part;
  }
  return { path: path.length === 0 ? [] : [path.join('.')], step };
}

/** Keras names a tensor `vgg16_1/block1_conv1_1/Relu:0`: model, layer, step. Names without the number may be anyone's. */
function fromKeras(node: OnnxNode): Origin | undefined {
  const name = node.outputs.find((output) => /\/[^/]+:\d+$/.test(output)) ?? '';
  const parts = name
    .replace(/:\d+$/, '')
    .split('/')
    .filter((part) => part !== '');
  const step = parts.pop();
  if (parts.length === 0 || step === undefined) return undefined;
  const path = parts.filter((part) => !/^(StatefulPartitionedCall|PartitionedCall)(_\d+)?$/.test(part));
  return path.length === 0 ? undefined : { path, step };
}

/** PaddlePaddle names a tensor `batch_norm_3.tmp_2`. */
function fromPaddle(node: OnnxNode): Origin | undefined {
  const layer = node.outputs.map((output) => /^(.+)\.tmp_\d+$/.exec(output)?.[1]).find((name) => name !== undefined);
  return layer === undefined ? undefined : { path: [layer], step: undefined };
}
