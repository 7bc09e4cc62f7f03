import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatTraceparent, newTrace } from '../../api/trace/context.ts';
import { experimentContext, visitContext } from '../../api/trace/identity.ts';
import { startOtlpReceiver } from '../support/otlp.ts';
import { named } from './check.ts';
import { assertVisit, assertVisitLinks } from './check-visit.ts';
import { tracedRun } from './run.ts';

const parent = newTrace(true);
const environment = { TRACEPARENT: formatTraceparent(parent), SPLITLAB_LOG_LEVEL: 'debug' };

describe('a run whose caller traces', { timeout: 180_000 }, async () => {
  await using receiver = await startOtlpReceiver();
  const run = await tracedRun({ endpoint: receiver.endpoints.HttpProtobuf }, { environment });
  const spans = [...(await receiver.spans())];
  const [record] = run.records;
  const uid = record?.experiment.uid ?? '';
  const experiment = experimentContext(uid, parent);

  test('each attempt is a trace: its phases lie inside it, one after the other', () => {
    assert.equal(run.status, 0);
    for (const record of run.records) assertVisit(spans, record);
  });

  test('a visit links to its inferences, which are there, inside its repetitions', () => {
    for (const record of run.records) assertVisitLinks(spans, record, run.samples, experiment);
  });

  test('the experiment lies in the trace of TRACEPARENT, with what the command and both workers did', () => {
    const trace = spans.filter(({ traceId }) => traceId === parent.traceId);
    const root = named(trace, 'experiment', 'the trace');
    assert.deepEqual([root.spanId, root.parentSpanId], [experiment.spanId, parent.spanId]);
    assert.equal(root.attributes['splitlab.visits.completed'], 8);
    assert.equal(root.resource['service.name'], 'splitlab');
    const fetched = named(trace, 'model.fetch', 'the trace');
    assert.equal(fetched.attributes['splitlab.model.source'], 'zoo');
    assert.equal(fetched.attributes['splitlab.fetch.bytes'], 0);
    // The command plans to find mistakes, and each lane to work.
    const plans = trace.filter(({ name }) => name === 'plan');
    assert.deepEqual(
      plans.map(({ attributes }) => attributes['splitlab.visits.total']),
      [8, 8],
    );
    const lanes = trace.filter(({ name }) => name === 'lane');
    assert.deepEqual(lanes.map(({ resource }) => resource['service.name']).sort(), [
      'splitlab-local',
      'splitlab-remote',
    ]);
    for (const span of trace) {
      if (span === root) continue;
      assert.ok(span.startNs >= root.startNs && span.endNs <= root.endNs, `${span.name} lies in the experiment`);
    }
  });

  test('each line of a worker says where it belongs; the remote side knows the visit by the headers of requests', () => {
    for (const name of ['local.log', 'remote.log', 'link.log']) {
      const lines = (run.logs[name] ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
      assert.ok(lines.length > 0);
      for (const line of lines) {
        assert.equal(line.experiment, 'default/traced', name);
        const context = line.visit === undefined ? experiment : visitContext(uid, line.visit, line.attempt);
        assert.deepEqual([line.trace_id, line.span_id], [context.traceId, context.spanId], name);
        assert.equal(typeof line.msg, 'string');
      }
      assert.ok(
        lines.some(({ visit }) => visit !== undefined),
        `${name} names visits`,
      );
    }
  });

  test('no log holds the password of the run, or a tensor', () => {
    assert.ok(run.password.length > 20);
    for (const [name, text] of Object.entries(run.logs)) {
      assert.ok(!text.includes(run.password), name);
      for (const line of text.split('\n'))
        assert.ok(line.length < 8_192, `${name}: a line of ${line.length} characters`);
    }
  });
});
