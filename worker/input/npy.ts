import { type ElementType, elementBytes, elementCount } from '../tensor.ts';
import { InputFileError } from './errors.ts';

/** An array of a .npy file, row-major; `data` holds little-endian elements, aligned for their type. */
export interface NpyArray {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const codes = {
  float32: 'f4',
  float64: 'f8',
  float16: 'f2',
  int8: 'i1',
  uint8: 'u1',
  int16: 'i2',
  uint16: 'u2',
  int32: 'i4',
  uint32: 'u4',
  int64: 'i8',
  uint64: 'u8',
  bool: 'b1',
} as const satisfies Partial<Record<ElementType, string>>;

export type NpyType = keyof typeof codes;

const types: ReadonlyMap<string, ElementType> = new Map(
  Object.entries(codes).map(([type, code]) => [code, type as NpyType]),
);

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
const maxHeaderBytes = 64 * 1024;

/**
 * Reads a .npy file of version 1, 2 or 3 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 * Throws InputFileError, `name` saying which file, for anything but a plain row-major array of numbers.
 */
export function parseNpy(name: string, bytesOfFile: Uint8Array): NpyArray {
  // Not a Buffer, whose slice is no copy.
  const file = new Uint8Array(bytesOfFile.buffer, bytesOfFile.byteOffset, bytesOfFile.byteLength);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 10 || magic.some((byte, index) => file[index] !== byte)) {
    throw new InputFileError(name, 'not a .npy file', 'write it with numpy.save');
  }
  const version = file[6];
  const start = version === 1 ? 10 : 12;
  const headerBytes = file.length < start ? 0 : version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerBytes === 0 || headerBytes > maxHeaderBytes || start + headerBytes > file.length) {
    throw new InputFileError(name, `the header of ${headerBytes} bytes is broken`, 'write the file again');
  }
  const { order, code, shape } = parseHeader(name, new TextDecoder().decode(file.subarray(start, start + headerBytes)));
  const type = types.get(code);
  if (type === undefined) {
    throw new InputFileError(name, `elements of type '${code}'`, `save one of ${Object.keys(codes).join(', ')}`);
  }
  const bytes = file.subarray(start + headerBytes);
  const expected = elementCount(shape) * elementBytes[type];
  if (bytes.length !== expected) {
    const problem = `${bytes.length} bytes of data, ${expected} expected for ${type} [${shape.join(', ')}]`;
    throw new InputFileError(name, problem, 'write the file again');
  }
  return { type, shape, data: littleEndian(bytes, elementBytes[type], order) };
}

/** Writes a .npy file of version 1 (numpy pads the header to a multiple of 64 bytes, and so does this). */
export function encodeNpy(array: {
  readonly type: NpyType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}) {
  const { type, shape, data } = array;
  const order = elementBytes[type] === 1 ? '|' : '<';
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${order}${codes[type]}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const padded = `${header}${' '.repeat(63 - ((10 + header.length) % 64))}\n`;
  const file = new Uint8Array(10 + padded.length + data.length);
  file.set(magic);
  file.set([1, 0, padded.length % 256, padded.length >> 8], 6);
  file.set(new TextEncoder().encode(padded), 10);
  file.set(data, 10 + padded.length);
  return file;
}

/** The header is a Python literal; numpy always writes these three keys, in some order. */
function parseHeader(name: string, header: string) {
  const [, order = '', code = ''] = /'descr'\s*:\s*'([<>|=])([a-zA-Z][0-9]+)'/.exec(header) ?? [];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const dimensions = /'shape'\s*:\s*\(([0-9, ]*)\)/.exec(header)?.[1];
  if (code === '' || fortran === undefined || dimensions === undefined) {
    throw new InputFileError(
      name,
      `the header ${header.trim().slice(0, 120)} is no plain array's`,
      'save numbers only',
    );
  }
  const shape = dimensions.split(',').map((size) => size.trim());
  if (shape.at(-1) === '') shape.pop();
  const sizes = shape.map((size) => (size === '' ? Number.NaN : Number(size)));
  if (!sizes.every(Number.isSafeInteger) || !Number.isSafeInteger(elementCount(sizes))) {
    throw new InputFileError(name, `the shape (${dimensions}) is broken`, 'write the file again');
  }
  if (fortran === 'True' && sizes.length > 1) {
    throw new InputFileError(name, 'column-major (fortran_order)', 'save numpy.ascontiguousarray(array)');
  }
  return { order, code, shape: sizes };
}

function littleEndian(bytes: Uint8Array, size: number, order: string): Uint8Array {
  if (order === '>' && size > 1)
    return Uint8Array.from(bytes, (_, i) => bytes[i - (i % size) + size - 1 - (i % size)] ?? 0);
  return bytes.byteOffset % size === 0 ? bytes : bytes.slice();
}
