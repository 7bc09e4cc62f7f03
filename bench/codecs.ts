import { codecSchema } from '../api/manifest/codec.ts';
import type { Tensor } from '../worker/tensor.ts';
import { Arena } from '../worker/transport/codec/arena.ts';
import { tensorDecoder } from '../worker/transport/codec/decode.ts';
import { encodeTensor } from '../worker/transport/codec/encode.ts';
import { medianMs, print, type Row, reluTensor, row } from './row.ts';

const shape = [1, 64, 224, 224];

interface Case {
  readonly codec: object;
  /** Most copies that encoding and decoding may take. */
  readonly reach?: readonly [number, number];
}

const cases: Readonly<Record<string, Case>> = {
  Float32: { codec: { type: 'Float32' } },
  BFloat16: { codec: { type: 'BFloat16' }, reach: [6, 6] },
  Float16: { codec: { type: 'Float16' }, reach: [8.25, 5.33] },
  'Affine 8 PerTensor': { codec: { type: 'Affine' }, reach: [16, 6] },
  'Affine 8 PerTensor + Zstd': { codec: { type: 'Affine', compression: 'Zstd' }, reach: [20, 9] },
  'Affine 8 PerChannel': { codec: { type: 'Affine', affine: { bits: 8, granularity: 'PerChannel' } } },
  'Affine 4 PerTensor': { codec: { type: 'Affine', affine: { bits: 4 } } },
  'Affine 8 PerTensor + Deflate': { codec: { type: 'Affine', compression: 'Deflate' } },
  'Float32 + Zstd': { codec: { type: 'Float32', compression: 'Zstd' } },
  'BFloat16 + Zstd': { codec: { type: 'BFloat16', compression: 'Zstd' } },
  Json: { codec: { type: 'Json' } },
};

/** Encoding and decoding of a 12.8 MB tensor by each codec, as multiples of one copy of it in the same run. */
export async function run(): Promise<Row[]> {
  const values = reluTensor(shape);
  const tensor: Tensor = { name: 'x', type: 'float32', shape, data: new Uint8Array(values.buffer) };
  const target = new Float32Array(new SharedArrayBuffer(values.byteLength));
  const copyMs = await medianMs(() => target.set(values), 31);
  const rows = [row('copy of 12.8 MB', copyMs, 'ms')];
  for (const [name, { codec: choice, reach }] of Object.entries(cases)) {
    const codec = codecSchema.parse(choice);
    const repetitions = codec.type === 'Json' ? 5 : 15;
    const arena = new Arena();
    const encode = () => {
      arena.reset();
      return [...encodeTensor(tensor, codec, arena)];
    };
    const encodeMs = await medianMs(() => void encode(), repetitions, 3);
    const body = new Uint8Array(Buffer.concat(encode()));
    const decoding = new Arena();
    const decode = () => {
      decoding.reset();
      const decoder = tensorDecoder(tensor, codec, decoding);
      decoder.advance(body);
      if (decoder.tensor === undefined) throw new Error(`${name} was not decoded`);
    };
    const decodeMs = await medianMs(decode, repetitions, 3);

    rows.push(row(`${name}: encode`, encodeMs / copyMs, 'copies', '<=', reach?.[0]));
    rows.push(row(`${name}: decode`, decodeMs / copyMs, 'copies', '<=', reach?.[1]));
    rows.push(row(`${name}: size`, body.length / values.byteLength, 'of float32'));
  }
  return rows;
}

if (import.meta.main) print(await run());
