/** VGG16 (553 MB) at the 3GPP testbed's cuts: memory of the workers, and end-to-end times against JSON over TCP. */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { VisitRecord } from '../api/record/record.ts';
import { runManifest } from './lab.ts';
import { print, type Row, row } from './row.ts';
import { median } from './statistics.ts';
import { runTestbed } from './testbed.ts';
import { layers } from './testbed-parts.ts';
import { vgg16 } from './zoo.ts';

const megabyte = 1e6;

export async function run(): Promise<Row[]> {
  const model = await vgg16();
  const { size } = await stat(model);
  const testbed = await runTestbed(model);
  const { seconds, records, memoryPeakBytes } = await runManifest(
    fileURLToPath(new URL('./vgg16.yaml', import.meta.url)),
  );
  const accepted = records.filter(({ verdict }) => verdict.result === 'Accepted');
  const peaks = accepted.map(({ local }) => local?.memoryPeakBytes ?? 0);
  const allowed = (2 * size + 400 * megabyte) / megabyte;
  return [
    row('local worker, peak over its whole life', memoryPeakBytes.local / megabyte, 'MB', '<=', Math.round(allowed)),
    row('remote worker, peak over its whole life', memoryPeakBytes.remote / megabyte, 'MB', '<=', Math.round(allowed)),
    row('local worker, peak during repetitions as recorded', Math.max(...peaks) / megabyte, 'MB'),
    row(`${accepted.length} of ${records.length} visits of splitlab, evaluation included`, seconds, 's'),
    ...layers.flatMap((layer) => comparison(layer, testbed.get(layer) ?? Number.NaN, accepted)),
  ];
}

function comparison(layer: string, testbedMs: number, records: readonly VisitRecord[]): Row[] {
  const ofCodec = (type: string) =>
    median(records.filter(({ cut, codec }) => cut.layer === layer && codec?.type === type).map(withoutPreprocess));
  const [float32, affine] = [ofCodec('Float32'), ofCodec('Affine')];
  return [
    row(`${layer}: JSON over TCP, end to end`, testbedMs, 'ms'),
    row(`${layer}: splitlab Float32, end to end`, float32, 'ms'),
    row(`${layer}: splitlab Affine, end to end`, affine, 'ms'),
    row(`${layer}: JSON against Float32`, testbedMs / float32, 'times'),
  ];
}

/** The testbed starts from a tensor. */
function withoutPreprocess({ latencyMilliseconds }: VisitRecord): number {
  const { total, preprocess } = latencyMilliseconds ?? {};
  return (total?.p50 ?? Number.NaN) - (preprocess?.p50 ?? 0);
}

if (import.meta.main) print(await run());
