import assert from 'node:assert/strict';
import type { VisitRecord } from '../../../api/record/record.ts';
import type { TraceContext } from '../../../api/trace/context.ts';
import { experimentContext } from '../../../api/trace/identity.ts';
import { workerContainer } from '../../../operator/pod/environment.ts';
import type { ReceivedSpan } from '../../support/spans.ts';
import { assertKnown, assertTrace, inferenceTraces, named, nearMs, recordOf } from '../../traces/check.ts';
import { assertVisit, assertVisitLinks } from '../../traces/check-visit.ts';
import { parseSamples } from '../../traces/run.ts';
import { openJaeger } from './jaeger.ts';
import type { Scene } from './scene.ts';

/** An experiment that is over, in traces. */
export interface Traced {
  readonly name: string;
  /** What its annotation says that it is part of. */
  readonly parent: TraceContext;
  readonly records: readonly VisitRecord[];
  /** Node of each of its pods. */
  readonly places: ReadonlyMap<string, string>;
}

/** Everything about the experiment is in Jaeger and agrees with what is stored. */
export async function assertTraced(scene: Scene, traced: Traced): Promise<void> {
  const { name, parent, records, places } = traced;
  const experiment = experimentContext(scene.uid(name), parent);
  await using jaeger = await openJaeger(scene.cluster.kubeconfig);
  const ofExperiment = (spans: readonly ReceivedSpan[]) => spans.filter(({ traceId }) => traceId === parent.traceId);
  // The operator sends every few seconds, and the remote worker when its pod is deleted.
  const spans = await scene.eventually('the whole trace of the experiment', async () => {
    const received = await jaeger.spans();
    const names = ofExperiment(received).map((span) => span.name);
    const isWhole = names.includes('experiment') && names.filter((one) => one === 'lane').length === places.size;
    return isWhole ? received : null;
  });
  assertExperiment(ofExperiment(spans), experiment, traced);

  const { stdout } = await scene.split('results', name, '--format', 'samples');
  const samples = parseSamples(stdout);
  for (const record of records) {
    assertVisit(spans, record);
    assertVisitLinks(spans, record, samples, experiment);
  }
  const inferences = inferenceTraces(spans);
  assert.deepEqual([...inferences.keys()].sort(), samples.map(({ traceId }) => traceId).sort());
  for (const sample of samples) {
    const trace = inferences.get(sample.traceId) ?? [];
    const record = recordOf(sample, records);
    assertTrace(trace, sample, record);
    assertKnown(trace);
    assert.equal(new Set(trace.map((span) => assertPlace(span, places))).size, record.remote ? 2 : 1);
  }
  await assertShown(scene, name, inferences);
}

/** What the operator and both workers did lies in the trace of the annotation. */
function assertExperiment(
  trace: readonly ReceivedSpan[],
  experiment: TraceContext,
  { name, parent, records, places }: Traced,
): void {
  assertKnown(trace);
  const root = named(trace, 'experiment', name);
  assert.deepEqual([root.spanId, root.parentSpanId], [experiment.spanId, parent.spanId]);
  assert.equal(root.attributes['splitlab.reason'], 'Completed');
  const accepted = records.filter(({ verdict }) => verdict.result === 'Accepted').length;
  assert.equal(root.attributes['splitlab.visits.completed'], accepted);

  const passes = trace.filter((span) => span.name === 'reconcile');
  for (const { resource } of [root, ...passes]) {
    assert.equal(resource['service.name'], 'splitlab-operator');
    assert.match(String(resource['k8s.pod.name']), /^splitlab-operator-/);
    assert.ok([...places.values()].includes(String(resource['k8s.node.name'])));
  }
  const created = passes.map(({ attributes }) => attributes['splitlab.reconcile.created'] ?? '').join();
  for (const pod of places.keys()) assert.match(created, new RegExp(`pods/${pod}\\b`));

  const lanes = trace.filter((span) => span.name === 'lane');
  assert.deepEqual(lanes.map((lane) => assertPlace(lane, places)).sort(), [...places.keys()].sort());
  for (const { spanId } of lanes) named(inside(trace, spanId), 'model.fetch', name);
  const plan = named(trace, 'plan', name);
  assert.equal(plan.attributes['splitlab.visits.total'], accepted);
  assert.ok(lanes.some(({ spanId }) => spanId === plan.parentSpanId));
  // Workers end after the experiment: their pods go once its end is written.
  for (const span of trace) assert.ok(span.startNs >= root.startNs, `${span.name} begins in the experiment`);
}

function inside(trace: readonly ReceivedSpan[], spanId: string): readonly ReceivedSpan[] {
  return trace.filter(({ parentSpanId }) => parentSpanId === spanId);
}

/** A worker's span says in which container of which pod on which node it was; gives the pod. */
function assertPlace({ resource }: ReceivedSpan, places: ReadonlyMap<string, string>): string {
  const pod = String(resource['k8s.pod.name']);
  assert.ok(pod.includes(resource['service.name'] === 'splitlab-remote' ? '-remote-' : '-local-'), pod);
  assert.equal(resource['k8s.node.name'], places.get(pod));
  assert.equal(resource['k8s.container.name'], workerContainer);
  return pod;
}

/** The plugin shows the best cut's inference as Jaeger has it. */
async function assertShown(
  scene: Scene,
  name: string,
  inferences: ReadonlyMap<string, readonly ReceivedSpan[]>,
): Promise<void> {
  const { bestTrace = '' } = scene.status(name).summary ?? {};
  const { status, stdout, stderr } = await scene.split('trace', name);
  assert.equal(status, 0, stderr);
  assert.ok(stdout.startsWith(`trace ${bestTrace}\n`), stdout);
  const trace = inferences.get(bestTrace) ?? [];
  const root = named(trace, 'inference', bestTrace);
  const totalMs = Number(/^total +([\d.]+) ms$/m.exec(stdout)?.[1]);
  assert.ok(Math.abs(Number(root.endNs - root.startNs) / 1e6 - totalMs) <= nearMs, stdout);
  for (const { name: segment } of inside(trace, root.spanId))
    assert.match(stdout, new RegExp(`^${segment} .*[█▏<]`, 'm'));
}
