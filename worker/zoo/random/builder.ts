import {
  type Attribute,
  type GraphNode,
  inputName,
  type Layer,
  outputName,
  type Value,
  type Weights,
  type ZooGraph,
} from './graph.ts';

export interface WindowOptions {
  readonly kernel: number;
  readonly stride?: number;
  /** Zeros added on every side, or at top, left, bottom and right. */
  readonly padding?: number | readonly [number, number, number, number];
}

export interface WeightOptions {
  /** Standard deviation of the output over the input's root mean square; the default keeps it through a ReLU (He et al., 2015). */
  readonly gain?: number;
  /** An activation that belongs to the layer. */
  readonly activation?: 'Relu' | 'Softmax';
}

export interface ConvolutionOptions extends WindowOptions, WeightOptions {
  readonly channels: number;
  readonly groups?: number;
}

const biasBound = 0.05;

/** Puts a classifier together operator by operator; shapes follow ONNX's operators, without the batch. */
export class GraphBuilder {
  readonly input: Value = { tensor: inputName, shape: [3, 224, 224] };
  readonly #nodes: GraphNode[] = [];
  readonly #weights: Weights[] = [];
  readonly #layers = new Map<string, Layer>();

  convolution(layer: string, from: Value, options: ConvolutionOptions): Value {
    const [channels = 0, ...size] = from.shape;
    const { kernel, groups = 1 } = options;
    const shape = [options.channels, ...size.map((length, axis) => windows(length, options, axis))];
    const weights = this.#draw(layer, [options.channels, channels / groups, kernel, kernel], options.gain);
    const attributes = { ...windowAttributes(options), group: { int: groups } };
    return this.#activated('Conv', layer, [from.tensor, ...weights], shape, attributes, options);
  }

  /** Each output is connected to all of `from`, a vector. */
  dense(layer: string, from: Value, outputs: number, options: WeightOptions = {}): Value {
    const weights = this.#draw(layer, [outputs, ...from.shape], options.gain);
    return this.#activated('Gemm', layer, [from.tensor, ...weights], [outputs], { transB: { int: 1 } }, options);
  }

  pool(operator: 'MaxPool' | 'AveragePool', layer: string, from: Value, options: WindowOptions): Value {
    const [channels = 0, ...size] = from.shape;
    const shape = [channels, ...size.map((length, axis) => windows(length, options, axis))];
    return this.#add(operator, layer, [from.tensor], shape, layer, windowAttributes(options));
  }

  /** The mean of each channel, as a vector. */
  globalPool(layer: string, from: Value): Value {
    const [channels = 0] = from.shape;
    const pooled = this.#add('GlobalAveragePool', layer, [from.tensor], [channels, 1, 1], `${layer}/GlobalAveragePool`);
    return this.flatten(layer, pooled);
  }

  flatten(layer: string, from: Value): Value {
    const length = from.shape.reduce((product, size) => product * size, 1);
    return this.#add('Flatten', layer, [from.tensor], [length], layer, { axis: { int: 1 } });
  }

  relu(layer: string, from: Value): Value {
    return this.#add('Relu', layer, [from.tensor], from.shape, layer);
  }

  /** min(max(x, 0), 6). */
  relu6(layer: string, from: Value): Value {
    const limits = [this.#constant('relu6/low', 0), this.#constant('relu6/high', 6)];
    return this.#add('Clip', layer, [from.tensor, ...limits], from.shape, layer);
  }

  add(layer: string, first: Value, second: Value): Value {
    return this.#add('Add', layer, [first.tensor, second.tensor], first.shape, layer);
  }

  /** The model's output. */
  softmax(layer: string, from: Value): Value {
    return this.#add('Softmax', layer, [from.tensor], from.shape, outputName, { axis: { int: 1 } });
  }

  finish(name: string, seed: number, inputLayer: string): ZooGraph {
    return {
      name,
      seed,
      inputLayer,
      inputShape: this.input.shape,
      nodes: this.#nodes,
      weights: this.#weights,
      layers: [{ name: inputLayer, ...this.input }, ...this.#layers.values()],
    };
  }

  #activated(
    operator: string,
    layer: string,
    inputs: readonly string[],
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>>,
    { activation }: WeightOptions,
  ): Value {
    if (activation === undefined) return this.#add(operator, layer, inputs, shape, layer, attributes);
    const linear = this.#add(operator, layer, inputs, shape, `${layer}/${operator}`, attributes);
    return activation === 'Softmax' ? this.softmax(layer, linear) : this.relu(layer, linear);
  }

  #add(
    operator: string,
    layer: string,
    inputs: readonly string[],
    shape: readonly number[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    this.#nodes.push({ operator, layer, inputs, output, attributes });
    this.#layers.set(layer, { name: layer, tensor: output, shape });
    return { tensor: output, shape };
  }

  #draw(layer: string, shape: readonly number[], gain = Math.SQRT2): [string, string] {
    const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
    const kernel = `${layer}/kernel`;
    const bias = `${layer}/bias`;
    // A uniform distribution's standard deviation is its bound over the root of 3.
    this.#weights.push({ name: kernel, shape, bound: gain * Math.sqrt(3 / inputs) });
    this.#weights.push({ name: bias, shape: shape.slice(0, 1), bound: biasBound });
    return [kernel, bias];
  }

  #constant(name: string, constant: number): string {
    if (!this.#weights.some((weights) => weights.name === name)) this.#weights.push({ name, constant });
    return name;
  }
}

function windowAttributes(options: WindowOptions): Record<string, Attribute> {
  const { kernel, stride = 1 } = options;
  return {
    kernel_shape: { ints: [kernel, kernel] },
    strides: { ints: [stride, stride] },
    pads: { ints: sides(options) },
  };
}

function windows(length: number, options: WindowOptions, axis: number): number {
  const pads = sides(options);
  const padded = length + (pads[axis] ?? 0) + (pads[axis + 2] ?? 0);
  return Math.floor((padded - options.kernel) / (options.stride ?? 1)) + 1;
}

function sides({ padding = 0 }: WindowOptions): readonly number[] {
  return typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
}
