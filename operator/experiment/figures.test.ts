import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Objective } from '../../api/manifest/spec.ts';
import { exactly } from '../../api/statistics/interval.ts';
import { compareTrials, type NamedTrial } from './figures.ts';

const objectives: readonly Objective[] = ['LatencyP50', 'UplinkBytes'];
const comparison = { objectives, links: [{ name: 'wifi' }] };

function trial(cut: string, link: string | null, latency: number, bytes: number): NamedTrial {
  return {
    trialId: '0123456789abcdef',
    kind: link === null ? 'LocalOnly' : 'Cut',
    link,
    batchSize: 1,
    cut,
    codec: link === null ? null : 'Float32',
    traceId: link === null ? null : 'f'.repeat(32),
    figures: { LatencyP50: { value: latency, low: latency - 1, high: latency + 1 }, UplinkBytes: exactly(bytes) },
  };
}

test('the best of each link and objective, with what they gain', () => {
  const trials = [trial('LocalOnly', null, 40, 0), trial('conv1', 'wifi', 20, 1000), trial('conv2', 'wifi', 30, 500)];
  const figures = compareTrials(trials, comparison, 'DigitsCnn');
  const { best, pareto, ...summary } = figures;
  assert.deepEqual(summary, {
    model: 'DigitsCnn',
    bestCut: 'conv1',
    bestTrace: 'f'.repeat(32),
    latencyP50: '20.0ms',
    link: 'wifi',
  });
  assert.deepEqual(best, [
    {
      objective: 'LatencyP50',
      link: 'wifi',
      batchSize: 1,
      cut: 'conv1',
      codec: 'Float32',
      trialId: '0123456789abcdef',
      value: '20',
      unit: 'Millisecond',
      traceId: 'f'.repeat(32),
      gainOverLocalOnlyPercent: '50',
      verdictOverLocalOnly: 'Better',
    },
    {
      objective: 'UplinkBytes',
      link: 'wifi',
      batchSize: 1,
      cut: 'LocalOnly',
      trialId: '0123456789abcdef',
      value: '0',
      unit: 'Byte',
    },
  ]);
  assert.deepEqual(
    pareto.map(({ cut }) => cut),
    ['conv1', 'conv2', 'LocalOnly'],
  );
  assert.deepEqual(pareto[0]?.figures, [
    { objective: 'LatencyP50', value: '20', unit: 'Millisecond' },
    { objective: 'UplinkBytes', value: '1000', unit: 'Byte' },
  ]);
});

test("the summary speaks of the manifest's first link that was measured", () => {
  const trials = [trial('conv1', '5g', 20, 1000), trial('conv2', 'wifi', 30, 500)];
  const linkAfter = (...names: string[]) =>
    compareTrials(trials, { objectives, links: names.map((name) => ({ name })) }, undefined).link;
  assert.equal(linkAfter('wifi', '5g'), 'wifi');
  assert.equal(linkAfter('5g', 'wifi'), '5g');
  assert.equal(linkAfter('none', 'wifi', '5g'), 'wifi');
});

test('where there is no room for all, the leader of every group stays', () => {
  const links = Array.from({ length: 40 }, (_, index) => `l${index}`);
  const trials = links.flatMap((link) => [trial('a', link, 10, 5), trial('b', link, 10, 5), trial('c', link, 10, 5)]);
  const { best, pareto } = compareTrials(trials, { objectives: ['LatencyP50'], links: [] }, undefined);
  assert.equal(best.length, 64);
  assert.equal(pareto.length, 20);
  assert.deepEqual(new Set(best.slice(0, 40).map(({ link }) => link)), new Set(links));
});

test('nothing measured yet', () => {
  assert.deepEqual(compareTrials([], comparison, undefined), { best: [], pareto: [] });
});
