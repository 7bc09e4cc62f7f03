import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterSubjects, scopeOf, streams, subjects } from './subjects.ts';

const names = subjects({ cluster: 'c', namespace: 'n', uid: 'u' });

/** Whether a subject falls under a filter, as NATS says (`*` one token, `>` the rest). */
function matches(filter: string, subject: string): boolean {
  const pattern = filter.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace(/>$/, '.+');
  return new RegExp(`^${pattern}$`).test(subject);
}

test('everything of an experiment falls under one filter, and nothing of another', () => {
  const other = subjects({ cluster: 'c', namespace: 'n', uid: 'u2' });
  assert.equal(names.record('t-0', 1), 'splitlab.v1.c.n.u.record.t-0.1');
  for (const subject of [names.up(0), names.remote(1, 'clock'), names.plan, names.samples('t-0', 0, 2), names.inbox]) {
    assert.ok(matches(names.all, subject), subject);
    assert.ok(!matches(other.all, subject), subject);
  }
});

test('what is kept falls into exactly one stream, what flows into none', () => {
  const streamOf = (subject: string) =>
    Object.entries(streams).flatMap(([key, { subjects: filters }]) =>
      filters.some((filter) => matches(filter, subject)) ? [key] : [],
    );
  for (const subject of [
    names.plan,
    names.manifest,
    names.retention,
    names.worker(0, 'local'),
    names.fetch(0, 'remote'),
    names.begin('t-0', 0),
    names.evaluation('k'),
  ]) {
    assert.deepEqual(streamOf(subject), ['records'], subject);
  }
  assert.deepEqual(streamOf(names.record('t-0', 0)), ['records']);
  assert.deepEqual(streamOf(names.samples('t-0', 0, 0)), ['samples']);
  for (const subject of [
    names.up(0),
    names.down(0),
    names.probeUp(0),
    names.evaluationUp(0),
    names.link(0, 'pod', 'status'),
    `${names.inbox}.token.1`,
  ]) {
    assert.deepEqual(streamOf(subject), [], subject);
  }
});

test('the filters of all records, begins, evaluations and samples take theirs alone', () => {
  const all = [names.allRecords, names.allBegins, names.allEvaluations, names.allSamples];
  const one = [names.record('t-0', 0), names.begin('t-0', 0), names.evaluation('k'), names.samples('t-0', 0, 0)];
  for (const [row, filter] of all.entries()) {
    for (const [column, subject] of one.entries()) assert.equal(matches(filter, subject), row === column);
  }
});

test('a name that would change the subject is refused, said with what is allowed', () => {
  for (const uid of ['', 'a.b', '*', '>', 'a b', 'x'.repeat(129)]) {
    assert.throws(
      () => subjects({ cluster: 'c', namespace: 'n', uid }),
      /cannot be part of a NATS subject: use letters/,
    );
  }
  assert.throws(() => names.record('a.b', 0), RangeError);
});

test('a cluster has filters of its own, and a subject tells its experiment', () => {
  const cluster = clusterSubjects('c');
  assert.ok(matches(cluster.retention(), names.retention) && matches(cluster.retention('n'), names.retention));
  assert.ok(!matches(cluster.retention('other'), names.retention));
  assert.ok(!matches(clusterSubjects('d').all, names.plan) && matches(cluster.all, names.samples('t-0', 0, 0)));
  assert.ok(matches(names.recordsOf('t-0'), names.record('t-0', 3)) && !matches(names.recordsOf('t-0'), names.plan));
  assert.ok(matches(names.samplesOf('t-0', 1), names.samples('t-0', 1, 7)));
  assert.deepEqual(scopeOf(names.record('t-0', 1)), { cluster: 'c', namespace: 'n', uid: 'u' });
  assert.equal(scopeOf('$JS.API.INFO'), null);
});
