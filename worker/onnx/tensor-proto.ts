import { OnnxError } from './errors.ts';
import type { Initializer } from './model.ts';
import type { ByteSource } from './source.ts';
import { elementBits } from './types.ts';
import { expectMessage, type Field, fieldIntegers, fields, fieldText, malformed } from './wire.ts';

/** Where a tensor's elements are, before files are resolved: in the source itself, in another file, or inlined. */
export type TensorStorage =
  | { readonly kind: 'Source'; readonly offset: number; readonly length: number }
  | { readonly kind: 'External'; readonly location: string; readonly offset: number; readonly length: number }
  | { readonly kind: 'Inline'; readonly start: number; readonly end: number };

export interface TensorHeader extends Omit<Initializer, 'storage'> {
  readonly storage: TensorStorage;
}

const integerCodes = new Set([6, 7, 9, 12, 13]);

/**
 * Whether a tensor of `bytes` bytes and TensorProto.DataType `code` is a parameter rather than a weight. ONNX Runtime reads
 * shapes, axes, pads and scales while it infers shapes, and then not from a file, so these are inlined.
 */
export function isParameter(code: number, bytes: number): boolean {
  return bytes <= (integerCodes.has(code) ? 4096 : 128);
}

/** Reads a TensorProto from `start` to `end`, all but its elements. Throws `Malformed` where sizes do not fit. */
export function readTensor(source: ByteSource, start: number, end: number): TensorHeader {
  const shape: number[] = [];
  let code = 0;
  let name = '';
  let external = false;
  let varints = false;
  const members = new Map<string, string>();
  const ranges = new Map<number, Field[]>();
  for (const field of fields(source, start, end)) {
    if (field.number === 1) for (const size of fieldIntegers(source, field)) pushSize(shape, size, field);
    else if (field.number === 2) code = field.value;
    else if (field.number === 8) name = fieldText(source, field);
    else if (field.number === 13) readEntry(source, field, members);
    else if (field.number === 14) external = field.value === 1;
    else if (field.number === 9) ranges.set(9, [field]);
    else if (field.number === 4 || field.number === 10) {
      ranges.set(field.number, [...(ranges.get(field.number) ?? []).slice(0, 1), field]);
    } else if (field.number === 3) throw malformed('a tensor in segments', field.from);
    else if (field.number === 5 || field.number === 6 || field.number === 7 || field.number === 11) varints = true;
  }
  const elements = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(elements)) throw malformed(`a tensor of shape ${shape.join('x')}`, start);
  const bits = elementBits(code);
  const expected = bits === undefined ? undefined : Math.ceil((elements * bits) / 8);
  const header = { name, code, shape, elements, bytes: expected ?? end - start };
  if (external) return { ...header, storage: externalStorage(name, members, expected) };
  const inline = { ...header, storage: { kind: 'Inline', start, end } } as const;
  const packed = code === 1 ? ranges.get(4) : code === 11 ? ranges.get(10) : undefined;
  const [range, second] = ranges.get(9) ?? packed ?? [];
  if (varints || range === undefined || second !== undefined || range.wireType !== 2) return inline;
  const length = range.end - range.start;
  if (length !== expected) {
    throw malformed(`a tensor "${name}" of shape [${shape.join(', ')}] and type ${code} with ${length} bytes`, start);
  }
  if (isParameter(code, length)) return inline;
  return { ...header, storage: { kind: 'Source', offset: range.start, length } };
}

/** Reads a SparseTensorProto: its name, type and stored values; `elements` counts the values that are not zero. */
export function readSparseTensor(source: ByteSource, start: number, end: number): TensorHeader {
  let values: TensorHeader | undefined;
  for (const field of fields(source, start, end)) {
    if (field.number !== 1 && field.number !== 2) continue;
    const tensor = readTensor(source, expectMessage(field).start, field.end);
    if (tensor.storage.kind === 'External') {
      throw new OnnxError(
        'Unsupported',
        `The sparse initializer "${tensor.name}" lies in another file, which cannot be divided: save the model with dense weights.`,
      );
    }
    if (field.number === 1) values = tensor;
  }
  if (values === undefined) throw malformed('a sparse tensor without values', start);
  return { ...values, bytes: end - start, storage: { kind: 'Inline', start, end } };
}

/** Adds a StringStringEntryProto to `entries`. */
export function readEntry(source: ByteSource, field: Field, entries: Map<string, string>): void {
  let key = '';
  let value = '';
  for (const member of fields(source, expectMessage(field).start, field.end)) {
    if (member.number === 1) key = fieldText(source, member);
    // A long value (a whole configuration, say) is nothing that planning looks at.
    else if (member.number === 2 && member.end - member.start <= 65_536) value = fieldText(source, member);
  }
  entries.set(key, value);
}

function pushSize(shape: number[], size: number, field: Field): void {
  if (size < 0 || shape.length === 64) throw malformed('an impossible tensor shape', field.from);
  shape.push(size);
}

function externalStorage(
  name: string,
  members: ReadonlyMap<string, string>,
  expected: number | undefined,
): TensorStorage {
  const location = members.get('location');
  const offset = Number(members.get('offset') ?? 0);
  const length = Number(members.get('length') ?? expected);
  if (!location || !isSize(offset) || !isSize(length) || (expected !== undefined && length !== expected)) {
    throw new OnnxError(
      'ExternalData',
      `The weight "${name}" refers to ${location || 'no file'} at "${members.get('offset') ?? 0}" with "${members.get('length') ?? expected}" bytes` +
        `${expected === undefined ? '' : `, where ${expected} are needed`}: export the model again.`,
    );
  }
  return { kind: 'External', location, offset, length };
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
