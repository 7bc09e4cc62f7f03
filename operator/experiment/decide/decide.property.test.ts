import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findCondition } from '../../../api/status/conditions.ts';
import { type Fate, SimulatedCluster } from '../testing/simulated-cluster.ts';

const fates: readonly Fate[] = [
  'Ready',
  'Ready',
  'Crash',
  'OutOfMemory',
  'Evicted',
  'Deleted',
  'Gone',
  'Unschedulable',
  'NodeLost',
];
type Step = (cluster: SimulatedCluster) => void;

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant((cluster: SimulatedCluster) => cluster.reconcile()) },
  {
    weight: 3,
    arbitrary: fc.nat(5).map((steps) => (cluster: SimulatedCluster) => {
      cluster.reconcile(steps);
      cluster.restartOperator();
    }),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom('Status', 'Pods').map((what) => (cluster: SimulatedCluster) => cluster.sync(what)),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(fc.nat(9), fc.constantFrom(...fates)).map(
      ([index, fate]) =>
        (cluster: SimulatedCluster) =>
          cluster.befall(index, fate),
    ),
  },
  { weight: 3, arbitrary: fc.constant((cluster: SimulatedCluster) => cluster.work()) },
  { weight: 2, arbitrary: fc.nat(40).map((seconds) => (cluster: SimulatedCluster) => cluster.pass(seconds)) },
  { weight: 1, arbitrary: fc.boolean().map((value) => (cluster: SimulatedCluster) => cluster.suspend(value)) },
  { weight: 1, arbitrary: fc.boolean().map((value) => (cluster: SimulatedCluster) => cluster.storeAway(value)) },
);

const options = fc.record({ lanes: fc.integer({ min: 1, max: 3 }) });

function settle(cluster: SimulatedCluster): void {
  for (let round = 0; round < 200 && !cluster.isOver; round++) cluster.calm();
  assert.ok(cluster.isOver, JSON.stringify(cluster.status.conditions));
  cluster.calm();
  assert.ok(cluster.isOver, 'what is over stays so');
}

test('whatever happens and whenever the operator is killed, an experiment ends and leaves no pod', () => {
  fc.assert(
    fc.property(options, fc.array(step, { maxLength: 120 }), (lanes, steps) => {
      const cluster = new SimulatedCluster(lanes);
      for (const one of steps) one(cluster);
      settle(cluster);
      const end = findCondition(cluster.status.conditions, 'Succeeded');
      assert.ok(end && ['Completed', 'BackoffLimitExceeded'].includes(end.reason), end?.reason ?? 'no condition');
      if (end.reason === 'Completed') assert.equal(cluster.finalVisits, 10);
    }),
    { numRuns: 300 },
  );
});

test('a deadline ends it too, with the pods gone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const cluster = new SimulatedCluster({ lanes: 1, activeDeadlineSeconds: 100 });
      for (const one of steps) one(cluster);
      settle(cluster);
    }),
    { numRuns: 100 },
  );
});

test('an error that another start cannot cure ends it with its code', () => {
  const cluster = new SimulatedCluster({ lanes: 1 });
  cluster.reconcile();
  cluster.sync('Status');
  cluster.sync('Pods');
  cluster.befall(0, 'Fatal');
  settle(cluster);
  assert.equal(findCondition(cluster.status.conditions, 'Succeeded')?.reason, 'ModelInvalid');
});
