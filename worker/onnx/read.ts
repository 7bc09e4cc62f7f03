import { open } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { tensorHeader } from './encode.ts';
import { OnnxError } from './errors.ts';
import { type ModelFiles, resolveFiles } from './external-files.ts';
import { type GraphHeader, type ReadLimits, readGraph, readLimits, readNode } from './graph-proto.ts';
import type { Initializer, OnnxModel, OnnxNode } from './model.ts';
import { type ByteSource, fileSource } from './source.ts';
import { isParameter, readEntry, type TensorHeader } from './tensor-proto.ts';
import { expectMessage, type Field, fields, fieldText, malformed } from './wire.ts';

/** A model before its files are resolved. */
interface ModelHeader
  extends Pick<OnnxModel, 'irVersion' | 'opsets' | 'producer' | 'metadata' | 'functions' | 'verbatim'> {
  readonly graph: GraphHeader;
  /** Files whose location, as stated, has to hold from the folder that all files are resolved to. */
  readonly fixedLocations: ReadonlySet<string>;
}

/**
 * Reads a model's graph and where its weights lie, without reading the weights.
 * Throws an `OnnxError`: `Unreadable`, `Truncated`, `Malformed`, `TooLarge`, `ExternalData` or `Unsupported`.
 */
export async function readModel(path: string): Promise<OnnxModel> {
  await using file = await open(path, 'r').catch((cause) => {
    throw new OnnxError('Unreadable', `The model "${path}" cannot be opened: ${cause.message}.`, { cause });
  });
  const info = await file.stat();
  if (!info.isFile()) throw new OnnxError('Unreadable', `"${path}" is no file.`);
  try {
    const source = fileSource(file.fd, info.size);
    const header = parseModel(source);
    const files = await resolveFiles(path, [...externalLocations(header), ...header.fixedLocations]);
    refuseMoved(header.fixedLocations, files);
    return await assemble(source, header, files);
  } catch (cause) {
    if (cause instanceof OnnxError) throw new OnnxError(cause.code, `${path}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** Parses a ModelProto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto); weights are not read. */
export function parseModel(source: ByteSource): ModelHeader {
  const limits = readLimits();
  let irVersion = 0;
  let producer = '';
  let graph: GraphHeader | undefined;
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  const functions = new Map<string, readonly OnnxNode[]>();
  const verbatim: Uint8Array[] = [];
  for (const field of fields(source, 0, source.size)) {
    limits.count();
    if (field.number === 7) {
      if (graph !== undefined) throw malformed('a second graph', field.from);
      graph = readGraph(source, expectMessage(field).start, field.end, limits, 0);
      continue;
    }
    if (field.number === 1) irVersion = field.value;
    else if (field.number === 2) producer = fieldText(source, field);
    else if (field.number === 8) readOpset(source, field, opsets);
    else if (field.number === 14) readEntry(source, field, metadata);
    else if (field.number === 25) readFunction(source, field, limits, functions);
    // What is for training (20) may hold whole graphs and says nothing about an inference.
    if (field.number === 20 || field.number > 26) continue;
    limits.keep(field.end - field.from);
    verbatim.push(source.bytes(field.from, field.end - field.from));
  }
  if (graph === undefined) throw malformed('no graph', source.size);
  return { irVersion, opsets, producer, metadata, functions, graph, verbatim, fixedLocations: limits.fixedLocations };
}

function externalLocations(header: ModelHeader): string[] {
  return [...header.graph.initializers.values()].flatMap(({ storage }) =>
    storage.kind === 'External' ? [storage.location] : [],
  );
}

function refuseMoved(locations: ReadonlySet<string>, files: ModelFiles): void {
  for (const location of locations) {
    if (files.external.get(location)?.file === normalize(location)) continue;
    throw new OnnxError(
      'Unsupported',
      `Weights inside an If, Loop or Scan lie in "${location}", which is reached through a link: copy the files into one folder.`,
    );
  }
}

async function assemble(source: ByteSource, header: ModelHeader, files: ModelFiles): Promise<OnnxModel> {
  const initializers = new Map<string, Initializer>();
  for (const [name, tensor] of header.graph.initializers) {
    const { code, shape, elements, bytes } = tensor;
    initializers.set(name, { name, code, shape, elements, bytes, storage: await storageOf(source, tensor, files) });
  }
  const { fixedLocations: _, ...rest } = header;
  return {
    ...rest,
    folder: files.folder,
    file: files.file,
    fileBytes: source.size,
    graph: { ...header.graph, initializers },
  };
}

async function storageOf(
  source: ByteSource,
  tensor: TensorHeader & { readonly sparse: boolean },
  files: ModelFiles,
): Promise<Initializer['storage']> {
  const { name, code, shape, storage, sparse } = tensor;
  if (storage.kind === 'Inline') {
    const message = source.bytes(storage.start, storage.end - storage.start);
    return { kind: sparse ? 'Sparse' : 'Inline', message };
  }
  const { offset, length } = storage;
  if (storage.kind === 'Source') return { kind: 'File', range: { location: files.file, offset, length } };
  const target = files.external.get(storage.location);
  if (target === undefined || offset + length > target.bytes) {
    throw new OnnxError(
      'ExternalData',
      `The weight "${name}" ends at byte ${offset + length} of "${storage.location}", which has ${target?.bytes} bytes: the file is incomplete.`,
    );
  }
  if (!isParameter(code, length)) return { kind: 'File', range: { location: target.file, offset, length } };
  await using file = await open(join(files.folder, target.file), 'r');
  const data = fileSource(file.fd, target.bytes).bytes(offset, length);
  return { kind: 'Inline', message: tensorHeader(name, code, shape).bytes(9, data).finish() };
}

function readOpset(source: ByteSource, field: Field, opsets: Map<string, number>): void {
  let domain = '';
  let version = 0;
  for (const member of fields(source, expectMessage(field).start, field.end)) {
    if (member.number === 1) domain = fieldText(source, member);
    else if (member.number === 2) version = member.value;
  }
  opsets.set(domain === 'ai.onnx' ? '' : domain, version);
}

function readFunction(
  source: ByteSource,
  field: Field,
  limits: ReadLimits,
  functions: Map<string, readonly OnnxNode[]>,
): void {
  let name = '';
  let domain = '';
  const nodes: OnnxNode[] = [];
  for (const member of fields(source, expectMessage(field).start, field.end)) {
    limits.count();
    if (member.number === 1) name = fieldText(source, member);
    else if (member.number === 10) domain = fieldText(source, member);
    else if (member.number === 7) {
      // Depth 1: a function travels as a whole, its nodes are not kept one by one.
      const node = readNode(source, expectMessage(member), limits, 1);
      if (!('storage' in node)) nodes.push(node);
    }
  }
  functions.set(`${domain}:${name}`, nodes);
}
