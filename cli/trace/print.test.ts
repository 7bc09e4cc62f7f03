import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordFixture, sampleFixture } from '../../api/record/testing/fixture.ts';
import { printWaterfall } from './print.ts';

const none = sampleFixture(0, 10);
const clock = { offsetMicroseconds: 0, uncertaintyMicroseconds: 400, driftPpm: 0 };
const figures = { count: 1, p50: 1, p50Low: null, p50High: null, p90: null, p99: null, min: 1, max: 1 };
const segments = { ...none.segments, head: 4, encode: 1, uplink: 4.2, decode: 0.5, tail: 3, downlink: -0.2 };
const sample = { ...none, segments, totalMs: 12.5, idealMs: 11 };

test('one row for each segment that applies; marks for what the clock cannot tell', () => {
  const text = printWaterfall({ record: recordFixture({ clock }), sample }, { columns: 80, colours: false });
  assert.equal(
    text,
    `trace ${none.traceId}
DigitsCnn, cut conv1, Float32, over wifi, Sequential
visit 0123456789abcdef-0, attempt 0, repetition 0; Accepted
local: host, CPU, 1 thread
remote: host, CPU, 1 thread

                    0              5             10         start ms length ms
                    ┬──────────────┬─────────────┬───────
head        local   ████████████                               0.000     4.000
encode      local               ███                            4.000     1.000
uplink      link                   ████████████                5.000     4.200
decode      remote                             █               9.200     0.500
tail        remote                              █████████      9.700     3.000
downlink    link                                        <     12.700    -0.200 ?

total           12.500 ms
inference        7.000 ms  head + tail
link             4.000 ms  uplink + downlink
ideal           11.000 ms  computing, and the rate and delay of the link
overhead         1.500 ms  total - ideal

The clocks of the two sides are known to 0.400 ms, which may be time of the
uplink or of the downlink; their sum is sure.
? less than that: the segment cannot be told from nothing.
< below zero by that error: its time stands in the other direction.
`,
  );
});

test('no line is wider than asked for, whatever a model calls its layers; colours only where wanted', () => {
  const cut = { ...recordFixture().cut, name: `a\u001b[31m/${'block'.repeat(40)} end` };
  const busy = {
    encode: { ...figures, mean: 3.1 },
    transfer: { ...figures, mean: 9.2 },
    decode: { ...figures, mean: 2 },
  };
  const record = recordFixture({ cut, clock, transfer: 'Pipelined', busyMilliseconds: busy });
  for (const columns of [60, 80, 120]) {
    const plain = printWaterfall({ record, sample: { ...sample, idealMs: null } }, { columns, colours: false });
    for (const line of plain.split('\n')) assert.ok(line.length <= columns, `${line.length}: ${line}`);
    assert.ok(!plain.includes('\u001b') && !plain.includes('overhead'));
    assert.match(plain.replaceAll('\n', ' '), /busy for 3.100, 9.200, 2.000 ms/);
  }
  assert.ok(printWaterfall({ record, sample }, { columns: 80, colours: true }).includes('\u001b[33mlink'));
});

test('LocalOnly has no link and no clock to doubt', () => {
  const record = recordFixture({
    cut: { ...recordFixture().cut, kind: 'LocalOnly', name: 'LocalOnly' },
    codec: null,
    link: null,
    remote: null,
  });
  const local = { ...none, segments: { ...none.segments, uplink: null, head: 10 }, idealMs: null };
  const text = printWaterfall({ record, sample: local }, { columns: 80, colours: false });
  assert.match(text, /^DigitsCnn, LocalOnly$/m);
  assert.doesNotMatch(text, /remote|uplink|clock/);
});
