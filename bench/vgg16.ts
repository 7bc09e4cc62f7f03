/** VGG16 (553 MB) at the 3GPP testbed's cuts: memory of the workers, and end-to-end times against JSON over TCP. */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { VisitRecord } from '../api/record/record.ts';
import { runManifest } from './lab.ts';
import { print, type Row, row } from './row.ts';
import { median } from './statistics.ts';
import { runTestbed, type TestbedTimes } from './testbed.ts';
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
    ...layers.flatMap((layer) => comparison(layer, testbed.get(layer), accepted)),
  ];
}

function comparison(layer: string, testbed: TestbedTimes | undefined, records: readonly VisitRecord[]): Row[] {
  const ofCodec = (type: string, time: (record: VisitRecord) => number) =>
    median(records.filter(({ cut, codec }) => cut.layer === layer && codec?.type === type).map(time));
  const { totalMs = Number.NaN, beyondModelMs = Number.NaN } = testbed ?? {};
  return [
    row(`${layer}: JSON over TCP, end to end`, totalMs, 'ms'),
    row(`${layer}: splitlab Float32, end to end`, ofCodec('Float32', withoutPreprocess), 'ms'),
    row(`${layer}: splitlab Affine, end to end`, ofCodec('Affine', withoutPreprocess), 'ms'),
    row(`${layer}: beyond the model, JSON against Float32`, beyondModelMs / ofCodec('Float32', beyondModel), 'times'),
    row(`${layer}: beyond the model, JSON against Affine`, beyondModelMs / ofCodec('Affine', beyondModel), 'times'),
  ];
}

/** The testbed starts from a tensor. */
function withoutPreprocess({ latencyMilliseconds }: VisitRecord): number {
  const { total, preprocess } = latencyMilliseconds ?? {};
  return (total?.p50 ?? Number.NaN) - (preprocess?.p50 ?? 0);
}

function beyondModel(record: VisitRecord): number {
  return withoutPreprocess(record) - (record.latencyMilliseconds?.inference?.p50 ?? Number.NaN);
}

if (import.meta.main) print(await run());
