import type { OnnxNode } from './model.ts';

/** Shape of a node's input or output by position; undefined where it is left out or unknown. */
export interface NodeShapes {
  readonly inputs: readonly (readonly number[] | undefined)[];
  readonly outputs: readonly (readonly number[] | undefined)[];
}

type Rule = (node: OnnxNode, shapes: NodeShapes) => number | undefined;

const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1);

/** Every output element sums over its group's input channels and the kernel: weight M x C/group x kernel. */
const convolution =
  (weightAt: number): Rule =>
  (_, { inputs, outputs: [output] }) => {
    const weight = inputs[weightAt];
    if (output === undefined || weight === undefined) return undefined;
    return product(output) * product(weight.slice(1));
  };

/** Every input element is multiplied with its channel's kernels: weight C x M/group x kernel. */
const transposedConvolution: Rule = (_, { inputs: [input, weight] }) =>
  input === undefined || weight === undefined ? undefined : product(input) * product(weight.slice(1));

/** Every output element sums over the dimension that both operands share. */
const matrixProduct =
  (transposeA?: string): Rule =>
  (node, { inputs: [a], outputs: [output] }) => {
    if (a === undefined || output === undefined) return undefined;
    const transposed = transposeA !== undefined && node.attributes.get(transposeA)?.int === 1;
    return product(output) * ((transposed ? a.at(-2) : a.at(-1)) ?? 1);
  };

/** Gates times, per step, sequence and direction, (input + hidden) x hidden; W is directions x gates*hidden x input. */
const recurrent: Rule = (_, { inputs: [input, weight, recurrence] }) => {
  if (input === undefined || weight === undefined || recurrence === undefined) return undefined;
  const [first = 1, second = 1] = input;
  return first * second * (product(weight) + product(recurrence));
};

/** One multiplication per combination of all indices: their sizes multiplied, counted only where operands meet. */
const einsum: Rule = (node, { inputs }) => {
  const terms = node.attributes.get('equation')?.text?.replaceAll(' ', '').split('->')[0]?.split(',');
  if (terms === undefined || terms.length !== inputs.length || terms.some((term) => term.includes('.'))) {
    return undefined;
  }
  if (terms.length < 2) return 0;
  const sizes = new Map<string, number>();
  for (const [position, term] of terms.entries()) {
    const shape = inputs[position];
    if (shape === undefined) return undefined;
    for (const [index, letter] of [...term].entries()) sizes.set(letter, shape[index] ?? 1);
  }
  return product([...sizes.values()]) * (terms.length - 1);
};

/** Scores and weighted values: each query with each key, once over the head's size and once over the value's. */
const attention: Rule = (_, { inputs: [query, key, value] }) => {
  if (query?.length !== 4 || key?.length !== 4 || value?.length !== 4) return undefined;
  const [batch = 1, heads = 1, length = 1, size = 1] = query;
  return batch * heads * length * (key[2] ?? 1) * (size + (value[3] ?? 1));
};

const unknown: Rule = () => undefined;

/** Operators that multiply and add; every other standard operator works element by element, or moves them: none. */
const rules: Readonly<Record<string, Rule>> = {
  Conv: convolution(1),
  ConvInteger: convolution(1),
  QLinearConv: convolution(3),
  DeformConv: convolution(1),
  ConvTranspose: transposedConvolution,
  Gemm: matrixProduct('transA'),
  MatMul: matrixProduct(),
  MatMulInteger: matrixProduct(),
  QLinearMatMul: matrixProduct(),
  Einsum: einsum,
  Attention: attention,
  RNN: recurrent,
  GRU: recurrent,
  LSTM: recurrent,
  DFT: unknown,
  STFT: unknown,
  Det: unknown,
};

/** The same for operators that ONNX Runtime adds; those not listed here or in `withoutProducts` are unknown. */
const runtimeRules: Readonly<Record<string, Rule>> = {
  FusedConv: convolution(1),
  NhwcFusedConv: convolution(1),
  FusedGemm: matrixProduct('transA'),
  FusedMatMul: matrixProduct('transA'),
  TransposeMatMul: matrixProduct('transA'),
  DynamicQuantizeMatMul: matrixProduct(),
  MatMulIntegerToFloat: matrixProduct(),
  MatMulNBits: matrixProduct(),
  QGemm: matrixProduct('transA'),
};

const withoutProducts = new Set(
  (
    'BiasAdd BiasGelu BiasSoftmax BiasSplitGelu DequantizeLinear EmbedLayerNormalization FastGelu Gelu GroupNorm ' +
    'Inverse LayerNormalization QLinearAdd QLinearAveragePool QLinearConcat QLinearGlobalAveragePool QLinearLeakyRelu ' +
    'QLinearMul QLinearSigmoid QLinearSoftmax QuantizeLinear QuickGelu RotaryEmbedding SimplifiedLayerNormalization ' +
    'SkipLayerNormalization SkipSimplifiedLayerNormalization'
  ).split(' '),
);

const learning = new Set(
  'ArrayFeatureExtractor Binarizer CastMap CategoryMapper DictVectorizer FeatureVectorizer Imputer LabelEncoder Normalizer OneHotEncoder Scaler TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor ZipMap'.split(
    ' ',
  ),
);

/**
 * Multiply-adds of one run of a node, or undefined where its operator (or a shape it needs) is unknown. Operators that
 * hold graphs count nothing if their graphs do, and are unknown otherwise: how often a loop runs depends on the data.
 */
export function multiplyAdds(
  node: OnnxNode,
  shapes: NodeShapes,
  functions: ReadonlyMap<string, readonly OnnxNode[]>,
): number | undefined {
  if (hasBody(node, functions)) return isFree(node, functions, new Set()) ? 0 : undefined;
  const rule = ruleOf(node);
  return rule === 'Free' ? 0 : rule(node, shapes);
}

function ruleOf({ domain, operator }: OnnxNode): Rule | 'Free' {
  if (domain === '') return rules[operator] ?? 'Free';
  if (domain === 'com.microsoft' && operator in runtimeRules) return runtimeRules[operator] ?? unknown;
  if (domain === 'com.microsoft' && withoutProducts.has(operator)) return 'Free';
  return domain === 'ai.onnx.ml' && learning.has(operator) ? 'Free' : unknown;
}

function hasBody(node: OnnxNode, functions: ReadonlyMap<string, readonly OnnxNode[]>): boolean {
  return functions.has(functionKey(node)) || innerNodes(node).length > 0;
}

/** Whether nothing in a node's graphs or function multiplies; `checked` holds the functions looked at already. */
function isFree(node: OnnxNode, functions: ReadonlyMap<string, readonly OnnxNode[]>, checked: Set<string>): boolean {
  if (!hasBody(node, functions)) return ruleOf(node) === 'Free';
  const key = functionKey(node);
  const body = checked.has(key) ? [] : (functions.get(key) ?? []);
  checked.add(key);
  return [...body, ...innerNodes(node)].every((part) => isFree(part, functions, checked));
}

function functionKey({ domain, operator }: OnnxNode): string {
  return `${domain}:${operator}`;
}

/** The nodes of the graphs in a node's attributes. */
export function innerNodes(node: OnnxNode): OnnxNode[] {
  return [...node.attributes.values()].flatMap(({ graphs }) => graphs.flatMap(({ nodes }) => nodes));
}
