import { type ElementType, elementBytes } from '../tensor.ts';

/** `TensorProto.DataType` of onnx.proto for every element type that can travel between the sides. */
const codes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const satisfies Record<ElementType, number>;

const names: ReadonlyMap<number, ElementType> = new Map(
  Object.entries(codes).map(([name, code]) => [code, name as ElementType]),
);

/** Bits of one element where `ElementType` has no name for it: complex, 8-bit floats, packed 4-bit and 2-bit types. */
const otherBits: ReadonlyMap<number, number> = new Map([
  [14, 64],
  [15, 128],
  [17, 8],
  [18, 8],
  [19, 8],
  [20, 8],
  [21, 4],
  [22, 4],
  [23, 4],
  [24, 8],
  [25, 2],
  [26, 2],
]);

/** Whether a type, as ONNX Runtime names it, is one that can travel. */
export function isElementType(name: string | undefined): name is ElementType {
  return name !== undefined && Object.hasOwn(elementBytes, name);
}

/** The code that onnx.proto gives an element type. */
export function elementCode(type: ElementType): number {
  return codes[type];
}

/** The element type of an onnx.proto code, or undefined where a tensor of it cannot travel (strings, 4-bit, ...). */
export function elementTypeOf(code: number): ElementType | undefined {
  return names.get(code);
}

/** Bits of one element of an onnx.proto code, or undefined where they vary (strings) or the code is unknown. */
export function elementBits(code: number): number | undefined {
  const name = names.get(code);
  return name === undefined ? otherBits.get(code) : elementBytes[name] * 8;
}
