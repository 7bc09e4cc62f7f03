import assert from 'node:assert/strict';
import type { VisitRecord } from '../../api/record/record.ts';
import type { AttributeRow, AttributeType } from '../../api/telemetry/attribute.ts';
import { attributes } from '../../api/telemetry/attributes.ts';
import { spans as spanTable } from '../../api/telemetry/spans.ts';
import { visitContext } from '../../api/trace/identity.ts';
import type { Attributes, ReceivedSpan } from '../support/spans.ts';
import type { SampleRow } from './run.ts';

/** Times in Jaeger and here come in nanoseconds, written from doubles that resolve 0.24 us. */
export const nearMs = 0.001;

/** What a receiver was sent of inferences, by trace. */
export function inferenceTraces(spans: readonly ReceivedSpan[]): Map<string, ReceivedSpan[]> {
  const traces = Map.groupBy(spans, ({ traceId }) => traceId);
  return new Map([...traces].filter(([, all]) => all.some(({ name }) => name === 'inference')));
}

/** The record of an inference's attempt. */
export function recordOf({ visitId, attempt }: SampleRow, records: readonly VisitRecord[]): VisitRecord {
  const record = records.find((one) => one.visitId === visitId && one.attempt === attempt);
  assert.ok(record);
  return record;
}

/** A root over all of it; segments that follow each other without a gap and take as long as the sample says. */
export function assertTrace(spans: readonly ReceivedSpan[], sample: SampleRow, record: VisitRecord): void {
  const where = `${sample.visitId} repetition ${sample.repetition}`;
  const [root, ...others] = spans.filter(({ parentSpanId }) => parentSpanId === '');
  assert.ok(root && others.length === 0, `${where}: one root`);
  assert.equal(root.name, 'inference');
  assert.equal(root.resource['service.name'], 'splitlab-local');
  assert.equal(root.attributes['splitlab.visit.id'], sample.visitId);
  assert.equal(root.attributes['splitlab.repetition'], sample.repetition);
  const visit = visitContext(record.experiment.uid, record.visitId, record.attempt);
  assert.deepEqual(root.links, [{ traceId: visit.traceId, spanId: visit.spanId }], 'it leads to its visit');
  assertLength(root, sample.totalMs, where);
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length);

  const children = spans.filter(({ parentSpanId, name }) => parentSpanId === root.spanId && !name.startsWith('busy.'));
  assert.deepEqual(
    children.map(({ name }) => name).sort(),
    sample.segments.map(([name]) => name).sort(),
    `${where}: a child for each segment`,
  );
  let end = root.startNs;
  for (const [name, ms] of sample.segments) {
    const child = named(children, name, where);
    assert.ok(Math.abs(Number(child.attributes['splitlab.ms']) - ms) < nearMs, `${where}: ${name}`);
    if (ms >= 0) assert.equal(child.startNs, end, `${where}: ${name} begins where the one before ended`);
    assertLength(child, Math.max(0, ms), `${where} ${name}`);
    const side = ['remoteWait', 'decode', 'tail'].includes(name) ? 'remote' : 'local';
    assert.equal(child.resource['service.name'], `splitlab-${side}`, `${where} ${name}`);
    end = child.endNs;
  }
  assert.equal(end, root.endNs, `${where}: the last segment ends with the whole`);
  assertInside(spans, where);
}

/** Every name and attribute is in the tables, of the type and at the place that they say. */
export function assertKnown(spans: readonly ReceivedSpan[]): void {
  const table: Readonly<Record<string, { readonly parents: readonly string[] }>> = spanTable;
  const nameOf = new Map(spans.map(({ traceId, spanId, name }) => [`${traceId} ${spanId}`, name]));
  for (const span of spans) {
    const parents = table[span.name]?.parents;
    assert.ok(parents, `${span.name} is in the table`);
    const parent = nameOf.get(`${span.traceId} ${span.parentSpanId}`);
    if (parents.length > 0) assert.ok(parent !== undefined && parents.includes(parent), `${span.name} in ${parent}`);
    assertAttributes(span.attributes, span.name);
    assertAttributes(span.resource, 'resource');
  }
}

const isOfType: Readonly<Record<AttributeType, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  int: Number.isSafeInteger,
  double: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
};

function assertAttributes(given: Attributes, place: string): void {
  const table: Readonly<Record<string, AttributeRow>> = attributes;
  for (const [name, value] of Object.entries(given)) {
    const row = table[name];
    assert.ok(row, `${name} on ${place} is in the table`);
    assert.ok(isOfType[row.type](value), `${name} is of type ${row.type}: ${value}`);
    assert.ok(
      row.on.some((one) => one === place),
      `${name} stands on ${place}`,
    );
  }
}

/** No span reaches beyond its parent. */
function assertInside(spans: readonly ReceivedSpan[], where: string): void {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  for (const span of spans) {
    const parent = byId.get(span.parentSpanId);
    if (!parent) continue;
    assert.ok(span.startNs >= parent.startNs && span.endNs <= parent.endNs, `${where}: ${span.name} in ${parent.name}`);
  }
}

function assertLength({ startNs, endNs }: ReceivedSpan, ms: number, where: string): void {
  const lengthMs = Number(endNs - startNs) / 1e6;
  assert.ok(Math.abs(lengthMs - ms) <= nearMs, `${where}: ${lengthMs} ms, recorded ${ms} ms`);
}

export function named(spans: readonly ReceivedSpan[], name: string, where: string): ReceivedSpan {
  const found = spans.filter((span) => span.name === name);
  const [only] = found;
  assert.ok(only && found.length === 1, `${where}: one span ${name}, not ${found.length}`);
  return only;
}
