import { open } from 'node:fs/promises';
import { type GraphDescription, nodeMessage, tensorHeader, tensorMessage, valueMessage } from '../encode.ts';
import { elementBits, elementCode } from '../types.ts';
import { MessageWriter } from '../writer.ts';

/** A weight of zeros that takes no room on the disk. */
export interface HoleDescription {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Writes a model whose `holes`, float32 weights in raw_data, are holes in the file: models of any size at no cost. */
export async function writeSparseModel(
  path: string,
  graph: Omit<GraphDescription, 'values'>,
  holes: readonly HoleDescription[],
): Promise<void> {
  const pieces: { readonly bytes: Uint8Array; readonly hole: number }[] = [];
  const head = new MessageWriter();
  for (const node of graph.nodes) head.message(1, nodeMessage(node));
  pieces.push({ bytes: head.string(2, graph.name).finish(), hole: 0 });
  for (const { name, shape } of holes) {
    const hole = (shape.reduce((product, size) => product * size, 1) * (elementBits(1) ?? 0)) / 8;
    const header = join(tensorHeader(name, elementCode('float32'), shape).finish(), lengthPrefix(9, hole));
    pieces.push({ bytes: join(lengthPrefix(5, header.length + hole), header), hole });
  }
  const end = new MessageWriter();
  for (const tensor of graph.initializers ?? []) end.message(5, tensorMessage(tensor));
  for (const { name, type, shape } of graph.inputs) end.message(11, valueMessage(name, elementCode(type), shape));
  for (const { name, type, shape } of graph.outputs) end.message(12, valueMessage(name, elementCode(type), shape));
  pieces.push({ bytes: end.finish(), hole: 0 });

  const length = pieces.reduce((sum, { bytes, hole }) => sum + bytes.length + hole, 0);
  const opset = new MessageWriter().string(1, '').varint(2, 17);
  const front = new MessageWriter().varint(1, 8).message(8, opset).finish();
  await using file = await open(path, 'w');
  let offset = 0;
  for (const { bytes, hole } of [{ bytes: join(front, lengthPrefix(7, length)), hole: 0 }, ...pieces]) {
    await file.write(bytes, 0, bytes.length, offset);
    offset += bytes.length + hole;
  }
}

/** The tag and length that stand in front of a field of bytes. */
function lengthPrefix(field: number, length: number): Uint8Array {
  return new MessageWriter()
    .varint(field, length)
    .finish()
    .map((byte, index) => (index === 0 ? byte | 2 : byte));
}

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
