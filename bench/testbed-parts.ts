/** What both processes of the testbed share: sessions of a cut, and messages of a length and a JSON text. */
import type { Socket } from 'node:net';
import { openSession, type Session } from '../worker/inference/session.ts';
import { planModel } from '../worker/onnx/plan.ts';
import { readModel } from '../worker/onnx/read.ts';
import { headStub, tailStub } from '../worker/onnx/submodels.ts';
import { decodeJson } from '../worker/transport/codec/json.ts';

export const layers = [
  'block1_conv1',
  'block2_conv1',
  'block3_conv1',
  'block4_conv1',
  'block5_conv1',
  'fc1',
  'predictions',
] as const;

/** Opens one part of VGG16 as the workers do by default: one thread, all optimisations, no spinning. */
export async function openVggPart(path: string, layer: string, side: 'local' | 'remote'): Promise<Session> {
  const plan = await planModel(await readModel(path), { cuts: { selection: 'Named', layers: [layer] } });
  const [cut] = plan.cuts;
  if (!cut) throw new Error(`no cut at ${layer}`);
  const { bytes, folder } = side === 'local' ? headStub(plan, cut) : tailStub(plan, cut);
  const common = { executionProvider: 'CPU', device: 0, threads: 1, spinning: false, providerOptions: [] } as const;
  return openSession({ model: bytes, folder, optimization: 'All', ...common });
}

export function writeText(socket: Socket, text: Uint8Array): void {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  socket.write(length);
  socket.write(text);
}

/** Calls back with each text that has arrived whole. */
export function onText(socket: Socket, take: (text: Uint8Array) => void): void {
  let parts: Buffer[] = [];
  let received = 0;
  socket.setNoDelay(true).on('data', (data: Buffer) => {
    parts.push(data);
    received += data.length;
    if (received < 4) return;
    if ((parts[0]?.length ?? 0) < 4) parts = [Buffer.concat(parts)];
    const length = parts[0]?.readUInt32LE(0) ?? 0;
    if (received < 4 + length) return;
    const text = Buffer.concat(parts).subarray(4);
    parts = [];
    received = 0;
    take(text);
  });
}

/** Parses a tensor in shared memory, where a session reads it in place. */
export function parseTensor(text: Uint8Array, shape: readonly number[]): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = new Float32Array(new SharedArrayBuffer(4 * count));
  decodeJson('x', text, shape, values);
  return values;
}

export function floats(data: Uint8Array): Float32Array {
  return new Float32Array(data.buffer, data.byteOffset, data.length / 4);
}
