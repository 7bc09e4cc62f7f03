import { OnnxError } from './errors.ts';
import type { Attribute, OnnxNode, Subgraph, Value } from './model.ts';
import type { ByteSource } from './source.ts';
import { readEntry, readSparseTensor, readTensor, type TensorHeader } from './tensor-proto.ts';
import { expectMessage, type Field, fieldIntegers, fields, fieldText, malformed } from './wire.ts';

/** A graph before its initializers' files are resolved. */
export interface GraphHeader {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, TensorHeader & { readonly sparse: boolean }>;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly values: ReadonlyMap<string, Value>;
  readonly verbatim: readonly Uint8Array[];
}

/** What bounds the work and memory that a damaged or hostile file can cause. */
export interface ReadLimits {
  /** Called for every repeated member; throws when there are too many. */
  readonly count: () => void;
  /** Called before bytes are kept; throws when they are too many. */
  readonly keep: (bytes: number) => void;
  /** Files with weights inside attributes, whose location cannot be rewritten as nodes stay as they are. */
  readonly fixedLocations: Set<string>;
}

/** Graphs within attributes within graphs; exporters reach 3 or 4. */
const deepest = 32;
/** A larger constant is a weight: it stays in the file. */
const largeConstantBytes = 1024;
/** Kernels, strides and axes are shorter; what is longer (the tables of a tree ensemble) is not looked at. */
const mostIntegers = 64;

/** Limits that bound one whole file: four million members and 512 MiB of bytes kept in memory. */
export function readLimits(): ReadLimits {
  let members = 0;
  let bytes = 0;
  return {
    fixedLocations: new Set(),
    count() {
      members++;
      if (members > 4_000_000) throw new OnnxError('TooLarge', 'The model has more than four million parts.');
    },
    keep(length) {
      bytes += length;
      if (bytes > 2 ** 29) {
        throw new OnnxError(
          'TooLarge',
          'More than 512 MiB of the model are no raw weights: save it with raw_data or external data.',
        );
      }
    },
  };
}

/** Reads a GraphProto; `depth` counts the graphs around it, whose nodes alone keep their bytes when it is 0. */
export function readGraph(
  source: ByteSource,
  start: number,
  end: number,
  limits: ReadLimits,
  depth: number,
): GraphHeader {
  if (depth > deepest) throw new OnnxError('TooLarge', `The model nests more than ${deepest} graphs.`);
  let name = '';
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, TensorHeader & { sparse: boolean }>();
  const inputs: Value[] = [];
  const outputs: Value[] = [];
  const values = new Map<string, Value>();
  const verbatim: Uint8Array[] = [];
  const addInitializer = (tensor: TensorHeader, sparse: boolean) => {
    if (tensor.storage.kind === 'Inline' && depth === 0) limits.keep(tensor.storage.end - tensor.storage.start);
    if (tensor.storage.kind === 'External' && depth > 0) limits.fixedLocations.add(tensor.storage.location);
    initializers.set(tensor.name, { ...tensor, sparse });
  };
  for (const field of fields(source, start, end)) {
    limits.count();
    if (field.number === 1) {
      const node = readNode(source, expectMessage(field), limits, depth);
      if ('storage' in node) addInitializer(node, false);
      else nodes.push(node);
    } else if (field.number === 2) name = fieldText(source, field);
    else if (field.number === 5) addInitializer(readTensor(source, expectMessage(field).start, field.end), false);
    else if (field.number === 15) addInitializer(readSparseTensor(source, expectMessage(field).start, field.end), true);
    else if (field.number === 11) inputs.push(readValue(source, expectMessage(field), limits, depth));
    else if (field.number === 12) outputs.push(readValue(source, expectMessage(field), limits, depth));
    else if (field.number === 13) {
      const value = readValue(source, expectMessage(field), limits, depth);
      values.set(value.name, value);
    } else if (depth === 0 && (field.number === 10 || field.number === 16)) {
      verbatim.push(keepBytes(source, field.from, field.end, limits));
    }
  }
  // A default that a caller may override is a weight here: nobody overrides it in an experiment.
  return {
    name,
    nodes,
    initializers,
    inputs: inputs.filter((input) => !initializers.has(input.name)),
    outputs,
    values,
    verbatim,
  };
}

/** Reads a NodeProto; a constant too large to be kept is given back as the initializer that it amounts to. */
export function readNode(source: ByteSource, field: Field, limits: ReadLimits, depth: number): OnnxNode | TensorHeader {
  const inputs: string[] = [];
  const outputs: string[] = [];
  let name = '';
  let operator = '';
  let domain = '';
  const attributes = new Map<string, Attribute>();
  const metadata = new Map<string, string>();
  let constant: TensorHeader | undefined;
  for (const member of fields(source, field.start, field.end)) {
    limits.count();
    if (member.number === 1) inputs.push(fieldText(source, member));
    else if (member.number === 2) outputs.push(fieldText(source, member));
    else if (member.number === 3) name = fieldText(source, member);
    else if (member.number === 4) operator = fieldText(source, member);
    else if (member.number === 7) domain = fieldText(source, member);
    else if (member.number === 9) readEntry(source, member, metadata);
    else if (member.number === 5) {
      const attribute = readAttribute(source, expectMessage(member), limits, depth);
      attributes.set(attribute.name, attribute);
      if (attribute.name === 'value') constant = attribute.header;
    }
  }
  if (domain === 'ai.onnx') domain = '';
  const [output] = outputs;
  if (operator === 'Constant' && domain === '' && depth === 0 && output !== undefined && constant !== undefined) {
    if (constant.bytes > largeConstantBytes && constant.storage.kind !== 'Inline') return { ...constant, name: output };
  }
  if (constant?.storage.kind === 'External') limits.fixedLocations.add(constant.storage.location);
  const graphs = [...attributes.values()].flatMap((attribute) => attribute.graphs);
  const captures = [...new Set(graphs.flatMap((graph) => graph.freeNames))];
  const message = depth === 0 ? keepBytes(source, field.start, field.end, limits) : new Uint8Array();
  return { operator, domain, name, inputs, outputs, captures, attributes, metadata, message };
}

function readAttribute(
  source: ByteSource,
  field: Field,
  limits: ReadLimits,
  depth: number,
): Attribute & { readonly name: string; readonly header: TensorHeader | undefined } {
  let name = '';
  let int: number | undefined;
  let text: string | undefined;
  let header: TensorHeader | undefined;
  const ints: number[] = [];
  const graphs: Subgraph[] = [];
  for (const member of fields(source, field.start, field.end)) {
    if (member.number === 1) name = fieldText(source, member);
    else if (member.number === 3) int = member.value;
    else if (member.number === 4) text = shortText(source, member);
    else if (member.number === 5) header = readTensor(source, expectMessage(member).start, member.end);
    else if (member.number === 8) {
      for (const value of fieldIntegers(source, member)) if (ints.length < mostIntegers) ints.push(value);
    } else if (member.number === 6 || member.number === 11) {
      const graph = readGraph(source, expectMessage(member).start, member.end, limits, depth + 1);
      graphs.push({ nodes: graph.nodes, freeNames: freeNames(graph) });
    }
  }
  return { name, int, ints, text, tensor: header, header, graphs };
}

function readValue(source: ByteSource, field: Field, limits: ReadLimits, depth: number): Value {
  let name = '';
  let type: { code: number; shape: (number | string | null)[] | undefined } | undefined;
  const metadata = new Map<string, string>();
  for (const member of fields(source, field.start, field.end)) {
    if (member.number === 1) name = fieldText(source, member);
    else if (member.number === 4) readEntry(source, member, metadata);
    else if (member.number === 2) {
      for (const kind of fields(source, expectMessage(member).start, member.end)) {
        if (kind.number === 1) type = readTensorType(source, expectMessage(kind), limits);
      }
    }
  }
  const message = depth === 0 ? keepBytes(source, field.start, field.end, limits) : new Uint8Array();
  return { name, code: type?.code, shape: type?.shape, metadata, message };
}

function readTensorType(
  source: ByteSource,
  field: Field,
  limits: ReadLimits,
): { code: number; shape: (number | string | null)[] | undefined } {
  let code = 0;
  let shape: (number | string | null)[] | undefined;
  for (const member of fields(source, field.start, field.end)) {
    if (member.number === 1) code = member.value;
    else if (member.number === 2) {
      shape = [];
      for (const dimension of fields(source, expectMessage(member).start, member.end)) {
        if (dimension.number !== 1) continue;
        limits.count();
        shape.push(readDimension(source, expectMessage(dimension)));
      }
    }
  }
  return { code, shape };
}

function readDimension(source: ByteSource, field: Field): number | string | null {
  for (const member of fields(source, field.start, field.end)) {
    // A negative size is how some exporters write an unknown one.
    if (member.number === 1) return member.value >= 0 ? member.value : null;
    if (member.number === 2) return fieldText(source, member) || null;
  }
  return null;
}

/** Names that a graph uses and does not define. */
function freeNames(graph: GraphHeader): string[] {
  const defined = new Set([
    ...graph.inputs.map((input) => input.name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((node) => node.outputs),
  ]);
  const used = [
    ...graph.nodes.flatMap((node) => [...node.inputs, ...node.captures]),
    ...graph.outputs.map((output) => output.name),
  ];
  return used.filter((name) => name !== '' && !defined.has(name));
}

function shortText(source: ByteSource, field: Field): string | undefined {
  if (field.end - field.start > 65_536) return undefined;
  try {
    return fieldText(source, field);
  } catch {
    // The member holds bytes; not all of them are text.
    return undefined;
  }
}

function keepBytes(source: ByteSource, start: number, end: number, limits: ReadLimits): Uint8Array {
  if (end < start) throw malformed('a field of negative length', start);
  limits.keep(end - start);
  return source.bytes(start, end - start);
}
