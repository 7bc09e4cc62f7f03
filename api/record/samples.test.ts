import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSampleLine, sampleCells, sampleColumns, samplesMessageSchema } from './samples.ts';
import { sampleFixture } from './testing/fixture.ts';

test('every cell stands under its column', () => {
  const sample = sampleFixture(3, 20);
  const cells = sampleCells('v-0', 2, sample);
  assert.equal(cells.length, sampleColumns.length);
  const row = Object.fromEntries(sampleColumns.map((column, index) => [column, cells[index]]));
  assert.deepEqual([row.visitId, row.attempt, row.repetition, row.input], ['v-0', 2, 3, 3]);
  assert.deepEqual([row.headMs, row.uplinkMs, row.tailMs, row.scheduledMs], [10, 10, null, null]);
  assert.deepEqual([row.totalMs, row.idealMs], [20, 19]);
  assert.deepEqual([row.encodedBytes, row.replyBytes, row.linkUpBytes, row.linkDownBytes], [100, 10, 152, 62]);
  assert.equal(row.traceId, sample.traceId);
});

test('a message of samples is bounded and takes no field that it does not know', () => {
  const message = { visitId: 'v-0', attempt: 0, part: 0, samples: [sampleFixture(0, 1)] };
  assert.deepEqual(samplesMessageSchema.parse(message), message);
  assert.ok(!samplesMessageSchema.safeParse({ ...message, more: 1 }).success);
  const many = Array.from({ length: 501 }, (_, index) => sampleFixture(index, 1));
  assert.ok(!samplesMessageSchema.safeParse({ ...message, samples: many }).success);
});

test('a line of samples.csv is read back as the sample that it was written from', () => {
  const sample = { ...sampleFixture(3, 20.125), idealMs: null };
  const line = parseSampleLine(sampleCells('v-0', 2, sample).join(','));
  assert.deepEqual([line?.visitId, line?.attempt, line?.traceId], ['v-0', 2, sample.traceId]);
  assert.deepEqual(line?.read(), sample);
  assert.equal(parseSampleLine('v-0,2'), null);
});
