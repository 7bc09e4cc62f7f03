import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Cut, cutSchema } from '../../api/cut.ts';
import { type SegmentName, segmentNames } from '../../api/record/record.ts';
import { MarksError } from './errors.ts';
import type { LocalMarks, Marks, RemoteMarks } from './marks.ts';
import { busyIntervals, segmentsOf, segmentTimes } from './segments.ts';

const same = (ms: number) => ms;

const noLocal: LocalMarks = {
  scheduledMs: null,
  startedMs: 100,
  preprocessedMs: null,
  headDoneMs: null,
  encodedMs: null,
  lastEncodedMs: null,
  repliedMs: null,
  postprocessedMs: null,
};
const noRemote = { decodedMs: null, preprocessedMs: null, postprocessedMs: null };

/** A Cut with answers worked out locally; lengths 1, 2, 3, ... ms in order. */
const cut: Marks = {
  kind: 'Cut',
  local: { ...noLocal, preprocessedMs: 101, headDoneMs: 103, encodedMs: 106, repliedMs: 136, postprocessedMs: 145 },
  remote: { ...noRemote, firstChunkMs: 107, lastChunkMs: 110, startedMs: 115, decodedMs: 121, tailDoneMs: 128 },
};

const lengths = (marks: Marks, toLocal = same) =>
  segmentsOf(marks, toLocal).map(({ name, side, startMs, endMs }) => [name, side, endMs - startMs]);

test('a cut with the answer worked out locally', () => {
  assert.deepEqual(lengths(cut), [
    ['preprocess', 'local', 1],
    ['head', 'local', 2],
    ['encode', 'local', 3],
    ['uplink', 'link', 4],
    ['remoteWait', 'remote', 5],
    ['decode', 'remote', 6],
    ['tail', 'remote', 7],
    ['downlink', 'link', 8],
    ['postprocess', 'local', 9],
  ]);
  const times = segmentTimes(segmentsOf(cut, same));
  assert.equal(times.wait, null);
  assert.equal(times.inference, 9);
  assert.equal(times.total, 45);
});

test('the answer worked out remotely stands before the downlink', () => {
  const marks = {
    ...cut,
    local: { ...cut.local, postprocessedMs: null },
    remote: { ...(cut.remote as RemoteMarks), postprocessedMs: 130 },
  };
  assert.deepEqual(lengths(marks).slice(-3), [
    ['tail', 'remote', 7],
    ['postprocess', 'remote', 2],
    ['downlink', 'link', 6],
  ]);
});

test('waiting counts from the moment the input was due', () => {
  const scheduled = { ...cut, local: { ...cut.local, scheduledMs: 90 } };
  const times = segmentTimes(segmentsOf(scheduled, same));
  assert.equal(times.wait, 10);
  assert.equal(times.total, 55);
});

test('baselines have the segments of their kind and no others', () => {
  const withoutHead = { ...cut.local, headDoneMs: null };
  const names = (marks: Marks) => segmentsOf(marks, same).map(({ name, side }) => `${name}@${side}`);
  for (const kind of ['RemoteTensor', 'RemotePixels'] as const) {
    const [preprocess, encode, uplink] = names({ ...cut, kind, local: withoutHead });
    assert.deepEqual([preprocess, encode, uplink], ['preprocess@local', 'encode@local', 'uplink@link']);
  }
  const source: Marks = {
    kind: 'RemoteSource',
    local: { ...withoutHead, preprocessedMs: null },
    remote: { ...(cut.remote as RemoteMarks), decodedMs: null, preprocessedMs: 121 },
  };
  assert.deepEqual(names(source).slice(0, 5), [
    'encode@local',
    'uplink@link',
    'remoteWait@remote',
    'preprocess@remote',
    'tail@remote',
  ]);
  const localOnly: Marks = {
    kind: 'LocalOnly',
    local: { ...noLocal, preprocessedMs: 101, headDoneMs: 104, postprocessedMs: 105 },
    remote: null,
  };
  assert.deepEqual(lengths(localOnly), [
    ['preprocess', 'local', 1],
    ['head', 'local', 3],
    ['postprocess', 'local', 1],
  ]);
  assert.equal(segmentTimes(segmentsOf(localOnly, same)).inference, 3);
  assert.equal(busyIntervals(localOnly, same), null);
});

test('pipelined: encode ends with the first chunk sent, decode with the last one decoded, busy times overlap', () => {
  const marks: Marks = {
    ...cut,
    local: { ...cut.local, encodedMs: 104, lastEncodedMs: 109 },
    remote: { ...(cut.remote as RemoteMarks), firstChunkMs: 105, startedMs: 105, lastChunkMs: 112, decodedMs: 113 },
  };
  assert.deepEqual(lengths(marks).slice(2, 6), [
    ['encode', 'local', 1],
    ['uplink', 'link', 8],
    ['remoteWait', 'remote', 0],
    ['decode', 'remote', 1],
  ]);
  assert.deepEqual(busyIntervals(marks, same), {
    encode: { startMs: 103, endMs: 109 },
    transfer: { startMs: 104, endMs: 112 },
    decode: { startMs: 105, endMs: 113 },
  });
});

test('an error of the clock moves time between uplink and downlink, below zero too', () => {
  const times = segmentTimes(segmentsOf(cut, (ms) => ms - 20));
  assert.equal(times.uplink, -16);
  assert.equal(times.downlink, 28);
  assert.equal(times.total, 45);
});

test('Sequential: remote work that seems to begin before the frame is there shows as it is', () => {
  const early = { ...cut, remote: { ...(cut.remote as RemoteMarks), startedMs: 109 } };
  assert.equal(segmentTimes(segmentsOf(early, same)).remoteWait, -1);
});

test('a mark that is missing or does not belong is named', () => {
  const local = (change: Partial<LocalMarks>): Marks => ({ ...cut, local: { ...cut.local, ...change } });
  assert.throws(() => segmentsOf(local({ headDoneMs: null }), same), /a Cut inference needs the mark local.headDoneMs/);
  assert.throws(() => segmentsOf(local({ encodedMs: null }), same), MarksError);
  assert.throws(() => segmentsOf({ ...cut, remote: null }, same), /needs the mark remote/);
  assert.throws(() => segmentsOf({ ...cut, kind: 'RemoteTensor' }, same), /no mark local.headDoneMs: leave it null/);
  assert.throws(() => segmentsOf({ ...cut, kind: 'LocalOnly' }, same), MarksError);
  assert.throws(() => segmentsOf(local({ repliedMs: Number.NaN }), same), /the end of downlink .* is NaN/);
  const twice = { ...cut, remote: { ...(cut.remote as RemoteMarks), postprocessedMs: 130 } };
  assert.throws(() => segmentsOf(twice, same), /no mark remote.postprocessedMs/);
});

const step = fc.double({ min: 0, max: 1000, noNaN: true });
const steps = fc.array(step, { minLength: 12, maxLength: 12 });
const kinds = fc.constantFrom<Cut['kind']>(...cutSchema.shape.kind.options);
const flags = fc.record({ scheduled: fc.boolean(), answer: fc.constantFrom('Local', 'Remote', 'None') });
const clocks = fc.record({
  offset: fc.double({ min: -250, max: 250, noNaN: true }),
  drift: fc.double({ min: -1e-4, max: 1e-4, noNaN: true }),
});

/** Marks of any kind, whose steps take the given times. */
function marksOf(kind: Cut['kind'], times: readonly number[], has: { scheduled: boolean; answer: string }): Marks {
  let nowMs = 1e6;
  const [...left] = times;
  const next = (applies: boolean) => {
    if (!applies) return null;
    nowMs += left.shift() ?? 0;
    return nowMs;
  };
  const always = () => next(true) ?? nowMs;
  const isLocal = kind === 'LocalOnly';
  const scheduledMs = next(has.scheduled);
  const startedMs = always();
  const preprocessedMs = next(kind !== 'RemoteSource');
  const headDoneMs = next(kind === 'Cut' || isLocal);
  const encodedMs = next(!isLocal);
  const remote = isLocal
    ? null
    : {
        firstChunkMs: always(),
        lastChunkMs: always(),
        startedMs: always(),
        decodedMs: next(kind !== 'RemoteSource'),
        preprocessedMs: next(kind === 'RemoteSource'),
        tailDoneMs: always(),
        postprocessedMs: next(has.answer === 'Remote'),
      };
  const repliedMs = next(!isLocal);
  const postprocessedMs = next(has.answer === 'Local');
  const local = { scheduledMs, startedMs, preprocessedMs, headDoneMs, encodedMs, lastEncodedMs: null };
  return { kind, local: { ...local, repliedMs, postprocessedMs }, remote };
}

test('segments of any inference and any clock add up to its total', () => {
  fc.assert(
    fc.property(kinds, steps, flags, clocks, (kind, times, has, { offset, drift }) => {
      const marks = marksOf(kind, times, has);
      const segments = segmentsOf(marks, (ms) => (ms - offset) / (1 + drift));
      for (const [index, segment] of segments.entries()) {
        if (index > 0) assert.equal(segment.startMs, segments[index - 1]?.endMs);
      }
      const { total, inference, ...each } = segmentTimes(segments);
      const sum = segmentNames.reduce((all, name: SegmentName) => all + (each[name] ?? 0), 0);
      assert.ok(Math.abs(sum - total) < 1e-6, `${sum} and ${total}`);
      assert.equal(inference, (each.head ?? 0) + (each.tail ?? 0));
      const last = marks.local.postprocessedMs ?? marks.local.repliedMs ?? marks.local.headDoneMs;
      assert.equal(total, (last ?? 0) - (marks.local.scheduledMs ?? marks.local.startedMs));
    }),
  );
});
