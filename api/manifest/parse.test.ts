import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseManifest } from './parse.ts';
import { formatProblem, type Problem } from './problem.ts';

const head = 'apiVersion: splitlab.dev/v1alpha1\nkind: SplitExperiment\nmetadata: {name: demo}\n';

function problemsOf(text: string, set: readonly string[] = []): readonly Problem[] {
  const result = parseManifest(text, 'file.yaml', { set });
  return result.ok ? [] : result.problems;
}

function lines(spec: string): string[] {
  return problemsOf(`${head}spec:\n${spec}`).map(formatProblem);
}

test('one line of spec is enough; the defaults are filled in', () => {
  const result = parseManifest(`${head}spec: {model: {zoo: VGG16}}`, 'file.yaml');
  assert.ok(result.ok);
  const { spec } = result.manifest;
  assert.deepEqual(spec.codecs, [{ type: 'Float32', compression: 'None' }]);
  assert.deepEqual(spec.links, [{ name: 'none', type: 'None' }]);
  assert.deepEqual(spec.baselines, ['LocalOnly', 'RemoteSource', 'RemoteTensor']);
  assert.deepEqual(spec.objectives, ['LatencyP50', 'UplinkBytes']);
  assert.deepEqual(spec.tolerance, { bandwidthPercent: '2', delay: '1ms', outputDifference: '1e-4' });
  assert.equal(spec.measurement.timeLimit, '5m');
  assert.equal(spec.local.executionProvider, 'CPU');
  assert.equal(spec.remote.threads, 1);
});

test('JSON is read too', () => {
  const text = JSON.stringify({
    apiVersion: 'splitlab.dev/v1alpha1',
    kind: 'SplitExperiment',
    metadata: { name: 'demo' },
    spec: { model: { file: './model.onnx' } },
  });
  assert.deepEqual(problemsOf(text), []);
});

test('all mistakes are told at once, each with place, value and remedy', () => {
  const found = lines(`  model: {zoo: VGG17}
  lane: 2
  batchSizes: [0, 1.5]
  links:
  - name: a
    type: Profile
    profile:
      uplink: {bandwith: 20M, bandwidth: 20Mbit, delay: 25}
      downlink: {bandwidth: 10k, delay: 1m}
  - {name: a, type: None}
  measurement: {warmup: -1, blocks:, order: random}
  tolerance: {bandwidthPercent: 2}
`);
  assert.deepEqual(found, [
    'file.yaml:5:16: spec.model.zoo: "VGG17" is not accepted; did you mean VGG16? write one of EfficientNetLite0, DigitsCnn, VGG16, ResNet50, MobileNetV2, AlexNet',
    'file.yaml:6:3: spec.lane: 2 is not a field of spec; did you mean lanes?',
    'file.yaml:7:16: spec.batchSizes[0]: 0 is too small; write a whole number from 1 to 4096',
    'file.yaml:7:19: spec.batchSizes[1]: 1.5 is a number with a fraction; write a whole number from 1 to 4096',
    'file.yaml:12:16: spec.links[0].profile.uplink.bandwith: "20M" is not a field of spec.links[0].profile.uplink; did you mean bandwidth?',
    'file.yaml:12:42: spec.links[0].profile.uplink.bandwidth: "20Mbit" is not a quantity such as 20M, 100k, 1Gi, 1500m or 2e6; write a quantity from 100k to 100G, such as 20M, 1500k or 2e6',
    'file.yaml:12:57: spec.links[0].profile.uplink.delay: 25 is a number; write a duration from 0s to 10s in us, ms or s, such as 25ms',
    'file.yaml:13:29: spec.links[0].profile.downlink.bandwidth: "10k" is too small; write a quantity from 100k to 100G, such as 20M, 1500k or 2e6',
    'file.yaml:13:41: spec.links[0].profile.downlink.delay: "1m" is not a duration from 0s to 10s in us, ms or s, such as 25ms; write a duration from 0s to 10s in us, ms or s, such as 25ms',
    'file.yaml:14:12: spec.links[1].name: "a" is the same as in item 0; give each item a name of its own',
    'file.yaml:15:25: spec.measurement.warmup: -1 is too small; write a whole number from 0 to 10000',
    'file.yaml:15:36: spec.measurement.blocks: null is empty; write a whole number from 1 to 1000, or leave the field out',
    'file.yaml:15:45: spec.measurement.order: "random" is not accepted; did you mean Random? write one of Random, Listed',
    'file.yaml:16:33: spec.tolerance.bandwidthPercent: 2 is a number; write a decimal number in quotes from 0 to 100, such as "0.5" or "1e-4"',
  ]);
});

test('a type needs the member it names and bears no other', () => {
  const found = lines(`  model: {zoo: VGG16, file: x.onnx}
  cuts: {selection: Named}
  codecs: [{type: Float16, affine: {bits: 4}}]
  links: [{name: a, type: Trace}, {name: b, type: None, preset: WiFi}]
`);
  assert.deepEqual(found, [
    'file.yaml:5:3: spec.model: has zoo and file; write exactly one of zoo, http, persistentVolumeClaim, image, file',
    'file.yaml:6:3: spec.cuts.layers: is missing; selection Named needs layers',
    'file.yaml:7:28: spec.codecs[0].affine: does not belong to type Float16; remove affine, or write type: Affine',
    'file.yaml:8:11: spec.links[0].trace: is missing; type Trace needs trace',
    'file.yaml:8:65: spec.links[1].preset: "WiFi" does not belong to type None; remove preset, or write type: Preset',
  ]);
});

test('equal codecs are refused, also when one writes out a default', () => {
  assert.deepEqual(lines('  model: {zoo: VGG16}\n  codecs: [{type: Affine}, {type: Affine, affine: {bits: 8}}]\n'), [
    'file.yaml:6:28: spec.codecs[1]: is the same as in item 0; leave one of them out',
  ]);
});

test('a manifest that is not one is refused as a whole', () => {
  const whole = (text: string) => problemsOf(text).map(({ message }) => message);
  assert.deepEqual(whole(''), ['is empty']);
  assert.deepEqual(whole('---\n# nothing\n---\n'), ['is empty']);
  assert.deepEqual(whole('a: 1\n---\nb: 2\n'), ['holds more than one document']);
  assert.deepEqual(whole('just text'), ['is a text']);
  assert.deepEqual(whole('x'.repeat(1_048_577)), ['is too long']);
  assert.match(whole('a: [1')[0] ?? '', /^is not YAML/);
  assert.deepEqual(whole('<<: 1'), ['is not YAML: Merge sources must be maps or map aliases']);
  assert.match(whole('? [a]\n: 1')[0] ?? '', /^is not YAML/);
});

test('names that occur twice are told with both places', () => {
  const found = lines('  model: {zoo: VGG16}\n  lanes: 1\n  lanes: 1\n');
  assert.deepEqual(found, ['file.yaml:7:3: spec.lanes: is written twice; leave one of them out']);
});

test('tags and numbers that JSON cannot hold are refused', () => {
  assert.deepEqual(lines('  model: {zoo: !!binary VGG16}\n  local: {template: {a: .nan}}\n'), [
    'file.yaml:5:25: spec.model.zoo: has the tag tag:yaml.org,2002:binary; leave the tag out',
    'file.yaml:6:25: spec.local.template.a: NaN is not a finite number; write a number',
  ]);
  assert.equal(problemsOf('!<!foo> {}').length > 0, true);
});

test('aliases and merge keys work', () => {
  const spec = `  model: {zoo: VGG16}
  links:
  - &lte
    name: lte
    type: Profile
    profile: {transport: Fluid, uplink: &fast {bandwidth: 20M, delay: 5ms}, downlink: *fast}
  - {<<: *lte, name: other, profile: {transport: Fluid, uplink: *fast, downlink: {<<: *fast, delay: 9ms}}}
`;
  const result = parseManifest(`${head}spec:\n${spec}`, 'file.yaml');
  assert.ok(result.ok);
  assert.equal(result.manifest.spec.links[1]?.type, 'Profile');
  assert.deepEqual(result.manifest.spec.links[1]?.profile?.downlink, { bandwidth: '20M', delay: '9ms' });
});

test('aliases that multiply and nesting without end are refused, quickly', () => {
  const levels = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 0; level < 12; level++) {
    const [name, before] = [String.fromCharCode(98 + level), String.fromCharCode(97 + level)];
    levels.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`);
  }
  assert.deepEqual(
    problemsOf(levels.join('\n')).map(({ message }) => message),
    ['has too many aliases'],
  );
  for (const deep of ['['.repeat(200_000), `${'['.repeat(100)}${']'.repeat(100)}`, '{a: '.repeat(5_000)]) {
    assert.notEqual(problemsOf(deep).length, 0);
  }
});

test("names of Object's own members are unknown fields like others", () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    assert.deepEqual(
      problemsOf(`${head}spec: {model: {zoo: VGG16}, ${name}: {x: 1}}`).map(({ path }) => path),
      [`spec.${name}`],
    );
  }
});

test('--set replaces values before the check, and is named in problems', () => {
  const text = `${head}spec: {model: {zoo: VGG16}, lanes: 99}`;
  assert.deepEqual(problemsOf(text, ['spec.lanes=2']), []);
  assert.deepEqual(problemsOf(text, ['spec.lanes=x', 'spec.link=1']).map(formatProblem), [
    '--set spec.lanes=x: spec.lanes: "x" is a text; write a whole number from 1 to 64',
    '--set spec.link=1: spec.link: is not a field of spec; did you mean links?',
  ]);
});

test('no text makes it throw', () => {
  const word = fc.constantFrom(
    'spec',
    'model',
    'links',
    'zoo',
    ':',
    ' ',
    '\n',
    '- ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    '&a',
    '*a',
    '<<',
    '!',
    '?',
    '~',
    '1',
    '1.5',
    '#',
    '|',
    '%YAML 1.1\n---\n',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      const result = parseManifest(words.join(''), 'file.yaml');
      assert.ok(!result.ok && result.problems.length > 0);
    }),
    { numRuns: 500 },
  );
});

test('no value makes it throw, wherever it stands', () => {
  const places = [
    'spec',
    'spec.model',
    'spec.links',
    'spec.links[0]',
    'spec.codecs[0].affine',
    'spec.local.resources.limits',
    'metadata.labels',
    'spec.measurement.timeLimit',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (place, value) => {
      const result = parseManifest(`${head}spec: {model: {zoo: VGG16}}`, 'file.yaml', {
        set: [`${place}=${JSON.stringify(value)}`],
      });
      if (!result.ok) assert.ok(result.problems.every(({ remedy }) => remedy !== ''));
    }),
    { numRuns: 500 },
  );
});
