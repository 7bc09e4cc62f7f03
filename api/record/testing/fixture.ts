import { latencyNames, recordSchema, segmentNames, type VisitRecord } from '../record.ts';
import type { Sample } from '../samples.ts';

const side = {
  node: 'host',
  pod: null,
  podAttempt: 1,
  cpuModel: null,
  cores: 2,
  cpuset: null,
  executionProvider: 'CPU',
  gpu: null,
  threads: 1,
  cpuSeconds: 1,
  cpuUtilization: 0.5,
  throttledSeconds: null,
  memoryPeakBytes: 1000,
  memoryTotalBytes: 2000,
  gpuUtilization: null,
  gpuMemoryPeakBytes: null,
  stealSeconds: 0,
  involuntarySwitches: 3,
  calibration: { inferenceP50Milliseconds: null },
  energy: { joules: null, source: 'Unavailable', domain: null, shared: null, idleWatts: null, relativeError: null },
};

/** A valid record for tests, of an accepted visit to a cut; `changes` replace whole members. */
export function recordFixture(changes: Partial<VisitRecord> = {}): VisitRecord {
  const trialId = changes.trialId ?? '0123456789abcdef';
  const block = changes.block ?? 0;
  return recordSchema.parse({
    schemaVersion: 1,
    toolVersion: '0.1.0',
    experiment: { name: 'test', namespace: 'default', uid: 'u1' },
    visitId: `${trialId}-${block}`,
    trialId,
    block,
    attempt: 0,
    lane: 0,
    planDigest: `sha256:${'0'.repeat(64)}`,
    seed: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:01.000Z',
    verdict: { result: 'Accepted', reason: 'WithinTolerance', message: '' },
    warnings: [],
    sharedHost: true,
    model: { name: 'DigitsCnn', digest: `sha256:${'1'.repeat(64)}`, weights: 'Trained' },
    runtime: { name: 'onnxruntime-node', version: '1.30.0' },
    cut: {
      name: 'conv1',
      kind: 'Cut',
      layer: 'conv1',
      tensors: [{ name: 'a', shape: [1, 2], type: 'float32', bytes: 8 }],
      headMacsShare: 0.1,
      headParameterShare: 0.1,
      headParameterBytes: 10,
    },
    codec: { type: 'Float32', compression: 'None' },
    transfer: 'Sequential',
    batchSize: 1,
    mode: 'SingleStream',
    inputs: { count: 3, digest: `sha256:${'2'.repeat(64)}` },
    link: {
      name: 'wifi',
      type: 'None',
      requested: null,
      achieved: { before: null, after: null },
      queuePeakBytes: null,
      latenessP99Milliseconds: null,
    },
    bytes: {
      input: null,
      preprocessed: null,
      intermediate: null,
      encoded: { mean: 100, min: 100, max: 100 },
      reply: null,
      application: { up: null, down: null },
      link: { up: null, down: null },
    },
    latencyMilliseconds: Object.fromEntries(latencyNames.map((name) => [name, null])),
    busyMilliseconds: null,
    coldStart: null,
    throughputPerSecond: 10,
    deadline: null,
    stoppedBy: 'Repetitions',
    clock: null,
    local: side,
    remote: side,
    output: null,
    traces: null,
    ...changes,
  });
}

/** A sample for tests whose head takes half of the time and whose uplink the other half. */
export function sampleFixture(repetition: number, totalMs: number): Sample {
  const segments = Object.fromEntries(segmentNames.map((name) => [name, null])) as Sample['segments'];
  return {
    repetition,
    input: repetition,
    scheduledMs: null,
    segments: { ...segments, head: totalMs / 2, uplink: totalMs / 2 },
    totalMs,
    idealMs: totalMs - 1,
    encodedBytes: 100,
    replyBytes: 10,
    linkUpBytes: 152,
    linkDownBytes: 62,
    traceId: '0'.repeat(31) + repetition,
  };
}
