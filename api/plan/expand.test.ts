import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Cut } from '../cut.ts';
import type { Codec } from '../manifest/codec.ts';
import type { Link } from '../manifest/link.ts';
import type { Baseline } from '../manifest/spec.ts';
import { PlanTooLarge } from './errors.ts';
import { expandPlan, type PlanInput, type Visit } from './expand.ts';

function cut(index: number): Cut {
  return {
    name: `layer${index}`,
    kind: 'Cut',
    layer: `layer${index}`,
    tensors: [{ name: `t${index}`, shape: [1, index], type: 'float32', bytes: index * 4 }],
    headMacsShare: null,
    headParameterShare: null,
    headParameterBytes: null,
  };
}

function link(index: number): Link {
  const direction = { bandwidth: `${index}M`, delay: '5ms' };
  return {
    name: `link${index}`,
    type: 'Profile',
    profile: { transport: 'Fluid', uplink: direction, downlink: direction },
  };
}

const codecs: Codec[] = [
  { type: 'Float32', compression: 'None' },
  { type: 'Float16', compression: 'None' },
  { type: 'Affine', affine: { bits: 8, granularity: 'PerTensor' }, compression: 'Zstd' },
];

const base: PlanInput = {
  modelDigest: `sha256:${'ab'.repeat(32)}`,
  cuts: [cut(1), cut(2), cut(3)],
  imageInputs: true,
  baselines: ['LocalOnly', 'RemoteSource', 'RemoteTensor'],
  codecs: codecs.slice(0, 2),
  links: [link(1), link(2)],
  batchSizes: [1],
  transfer: 'Sequential',
  blocks: 3,
  order: 'Random',
  seed: 1,
  lanes: 1,
};

test('cuts cross codecs and links; LocalOnly stands once, RemoteSource once a link, RemoteTensor once a codec and link', () => {
  const { trials, visits } = expandPlan(base);
  const count = (kind: string) => trials.filter((trial) => trial.cut.kind === kind).length;
  assert.deepEqual(
    { cut: count('Cut'), local: count('LocalOnly'), source: count('RemoteSource'), tensor: count('RemoteTensor') },
    { cut: 12, local: 1, source: 2, tensor: 4 },
  );
  assert.equal(visits.length, trials.length * 3);
  assert.equal(new Set(visits.map(({ visitId }) => visitId)).size, visits.length);
});

test('the plan of a known input never changes by accident', () => {
  const plan = expandPlan(base);
  assert.deepEqual(
    plan.visits.slice(0, 3).map(({ visitId }) => visitId),
    ['76c5be01fdb11443-0', '81956fbe27d2bef2-0', '85fecad5d8c04a15-0'],
  );
  assert.equal(plan.digest, 'sha256:c819331bb7c5f88479c5e048347d7549ec247ddd442b8c92bd7e0bb35a6edeb9');
});

test('the order of the lists changes neither ids nor order', () => {
  const shuffled = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length });
  fc.assert(
    fc.property(
      shuffled(base.cuts),
      shuffled(codecs),
      shuffled(base.links),
      shuffled<Baseline>(['LocalOnly', 'RemoteSource', 'RemotePixels', 'RemoteTensor']),
      shuffled([1, 2, 4]),
      (cuts, someCodecs, links, baselines, batchSizes) => {
        const sorted = expandPlan({ ...base, codecs, baselines: [...baselines].sort(), batchSizes: [1, 2, 4] });
        const other = expandPlan({ ...base, cuts, codecs: someCodecs, links, baselines, batchSizes });
        assert.equal(other.digest, sorted.digest);
      },
    ),
    { numRuns: 30 },
  );
});

test('the name of a link is no factor, its content is', () => {
  const ids = (links: Link[]) => expandPlan({ ...base, links }).trials.map(({ trialId }) => trialId);
  assert.deepEqual(ids([{ ...link(1), name: 'other' }]), ids([link(1)]));
  assert.equal(ids([link(1)]).filter((id) => ids([link(3)]).includes(id)).length, 1, 'LocalOnly alone has no link');
});

const group = ({ trial }: Visit) => `${trial.link?.name} ${trial.cut.name}`;

test('lanes share the groups evenly, and their number changes nothing else', () => {
  const alone = expandPlan({ ...base, lanes: 1 });
  for (const lanes of [2, 3, 5]) {
    const plan = expandPlan({ ...base, lanes });
    assert.equal(plan.digest, alone.digest);
    const groups = new Map(plan.visits.map((visit) => [group(visit), visit.lane]));
    const sizes = Array.from({ length: lanes }, (_, lane) => [...groups.values()].filter((of) => of === lane).length);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${sizes}`);
  }
});

test('visits of one link and one cut follow each other and share a lane', () => {
  const { visits } = expandPlan({ ...base, lanes: 3 });
  for (let block = 0; block < 3; block++) {
    const groups = visits.filter((visit) => visit.block === block).map(group);
    const changes = groups.filter((name, index) => name !== groups[index - 1]).length;
    assert.equal(changes, new Set(groups).size);
  }
  for (const same of Map.groupBy(visits, group).values()) assert.equal(new Set(same.map(({ lane }) => lane)).size, 1);
});

test('order Listed follows the manifest, another seed gives another order', () => {
  const listed = expandPlan({ ...base, order: 'Listed', baselines: [] });
  assert.deepEqual(
    listed.visits.slice(0, 4).map(({ trial }) => `${trial.link?.name} ${trial.cut.name} ${trial.codec?.type}`),
    ['link1 layer1 Float32', 'link1 layer1 Float16', 'link1 layer2 Float32', 'link1 layer2 Float16'],
  );
  assert.notEqual(expandPlan({ ...base, seed: 2 }).digest, expandPlan(base).digest);
});

test('links that differ in name alone are measured once, with a warning', () => {
  const { trials, warnings } = expandPlan({ ...base, links: [link(1), { ...link(1), name: 'twin' }], cuts: [] });
  assert.equal(trials.length, 4);
  assert.deepEqual(warnings, ['link twin equals an earlier one: they are measured once']);
});

test('file baselines are left out with a warning when the inputs are not images', () => {
  const { trials, warnings } = expandPlan({ ...base, imageInputs: false, batchSizes: [1, 2] });
  assert.ok(trials.every((trial) => trial.cut.kind !== 'RemoteSource'));
  assert.deepEqual(warnings, ['baseline RemoteSource is left out: the inputs are not images']);
});

test('too many visits name the factors', () => {
  const cuts = Array.from({ length: 1000 }, (_, index) => cut(index + 1));
  assert.throws(
    () => expandPlan({ ...base, cuts }),
    (error) => error instanceof PlanTooLarge && /12021 visits.*1000 cuts x 2 codecs x 2 links/.test(error.message),
  );
});
