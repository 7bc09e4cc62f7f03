/** One operator; its one output also gives it its name. `layer` is what people call the layer it belongs to. */
export interface GraphNode {
  readonly operator: string;
  readonly layer: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export type Attribute = { readonly int: number } | { readonly ints: readonly number[] };

/** Weights spread evenly over [-bound, bound), or a constant scalar. */
export type Weights =
  | { readonly name: string; readonly shape: readonly number[]; readonly bound: number }
  | { readonly name: string; readonly constant: number };

/** What flows between operators: a tensor's name and its shape without the batch. */
export interface Value {
  readonly tensor: string;
  readonly shape: readonly number[];
}

/** A layer with the output of its last operator (after the activation). */
export interface Layer extends Value {
  readonly name: string;
}

/** A classifier of float32 images (batch, 3, 224, 224) named `input` into `probabilities`; values depend on `seed`. */
export interface ZooGraph {
  readonly name: string;
  readonly seed: number;
  /** What the input is called among the layers. */
  readonly inputLayer: string;
  readonly inputShape: readonly number[];
  readonly nodes: readonly GraphNode[];
  /** In the order in which the generator fills them. */
  readonly weights: readonly Weights[];
  readonly layers: readonly Layer[];
}

export const inputName = 'input';
export const outputName = 'probabilities';
