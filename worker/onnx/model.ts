import type { ExternalData } from './encode.ts';

/** A weight: a range of a file, or (small, or stored as varints) the bytes of its TensorProto. */
export interface Initializer {
  readonly name: string;
  /** `TensorProto.DataType`. */
  readonly code: number;
  readonly shape: readonly number[];
  readonly elements: number;
  /** Size of the elements as they are stored. */
  readonly bytes: number;
  readonly storage:
    | { readonly kind: 'File'; readonly range: ExternalData }
    | { readonly kind: 'Inline'; readonly message: Uint8Array }
    | { readonly kind: 'Sparse'; readonly message: Uint8Array };
}

export interface Attribute {
  readonly int: number | undefined;
  /** The first 64. */
  readonly ints: readonly number[];
  /** Absent where the text is longer than a name or no text. */
  readonly text: string | undefined;
  readonly graphs: readonly Subgraph[];
  /** A tensor's `TensorProto.DataType`, number of elements and stored bytes. */
  readonly tensor: { readonly code: number; readonly elements: number; readonly bytes: number } | undefined;
}

/** A graph in an attribute: the branch of an If, the body of a Loop or Scan. It travels inside its node's bytes. */
export interface Subgraph {
  readonly nodes: readonly OnnxNode[];
  /** Names that it uses and does not define. */
  readonly freeNames: readonly string[];
}

export interface OnnxNode {
  readonly operator: string;
  /** The standard operators' domain is the empty string. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Tensors of the surrounding graph that the graphs in its attributes use. */
  readonly captures: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly metadata: ReadonlyMap<string, string>;
  /** The NodeProto as it stands in the file; empty for nodes inside attributes. */
  readonly message: Uint8Array;
}

/** A graph's input or output, or a tensor whose type the file states. */
export interface Value {
  readonly name: string;
  /** `TensorProto.DataType`; undefined for a sequence, map, optional or sparse tensor and where no type is given. */
  readonly code: number | undefined;
  /** Sizes, symbols and unknown dimensions (null); undefined where the rank is unknown. */
  readonly shape: readonly (number | string | null)[] | undefined;
  readonly metadata: ReadonlyMap<string, string>;
  /** The ValueInfoProto as it stands in the file. */
  readonly message: Uint8Array;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** Without initializers, which older models list here too. */
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly values: ReadonlyMap<string, Value>;
  /** Whole fields that sub-models keep: documentation, metadata. */
  readonly verbatim: readonly Uint8Array[];
}

/** A model as far as planning needs it; weights stay in the file. */
export interface OnnxModel {
  /** The folder that every storage range's location is relative to; free of symbolic links. */
  readonly folder: string;
  /** The model's own file, relative to `folder`. */
  readonly file: string;
  readonly fileBytes: number;
  readonly irVersion: number;
  /** Version per domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly metadata: ReadonlyMap<string, string>;
  /** Bodies of the operators that the model defines itself, by `domain:name`. */
  readonly functions: ReadonlyMap<string, readonly OnnxNode[]>;
  readonly graph: OnnxGraph;
  /** Whole fields of the ModelProto that sub-models keep: all but the graph and what is for training. */
  readonly verbatim: readonly Uint8Array[];
}
