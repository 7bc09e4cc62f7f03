import { isPlainObject } from '../../api/plain-object.ts';

const direction = {
  bandwidth: '20M',
  delay: '5ms',
  jitter: '1ms',
  jitterCorrelation: '10ms',
  loss: { percent: '1', meanBurst: '2' },
  queueBytes: 100_000,
};
const download = { url: 'https://example.com/a', sha256: 'a'.repeat(64) };
const resources = { limits: { cpu: 1, memory: '1Gi' }, requests: { cpu: '500m' } };
const worker = {
  session: { providerOptions: [{ name: 'a', value: 'b' }] },
  resources,
  template: { spec: { nodeSelector: { a: 'b' } } },
};

/** Specs that a cluster takes and that together write every field but those for local runs. */
export const wholeSpecs = [
  {
    model: { http: { ...download, headersSecretRef: { name: 'token' }, companions: [download] } },
    input: {
      http: download,
      labels: 'labels.csv',
      dimensions: [{ name: 'n', size: 3 }],
      preprocess: {
        type: 'Custom',
        custom: { size: { height: 224, width: 224 }, mean: ['1'], std: ['2'], scale: '0.5', layout: 'NCHW' },
      },
    },
    output: { decode: 'Classification', topK: 5, at: 'Remote' },
    cuts: { selection: 'Named', layers: ['a', 'b'], maxTensors: 2, maxCount: 10 },
    baselines: ['RemotePixels'],
    batchSizes: [1, 2],
    codecs: [{ type: 'Affine', affine: { bits: 4 }, compression: 'Zstd' }, { type: 'Json' }],
    transfer: 'Pipelined',
    links: [
      { name: 'a', type: 'Profile', profile: { transport: 'Fluid', uplink: direction, downlink: direction } },
      { name: 'b', type: 'Preset', preset: 'WiFi' },
    ],
    measurement: {
      mode: 'Server',
      server: { queriesPerSecond: '5', findMaximum: { deadline: '100ms' } },
      duration: '1m',
      until: { relativeErrorPercent: '3' },
      timeLimit: '1h',
    },
    tolerance: { bandwidthPercent: '3', delay: '2ms', outputDifference: '1e-3' },
    objectives: ['Accuracy', 'LocalEnergy'],
    lanes: 2,
    allowMixedMachines: true,
    local: { executionProvider: 'CPU', device: 0, threads: 2, ...worker },
    remote: { executionProvider: 'CUDA', ...worker },
    cache: { persistentVolumeClaim: { claimName: 'cache' } },
    telemetry: {
      endpoint: 'http://jaeger:4318',
      headersSecretRef: { name: 'token' },
      caConfigMapRef: { name: 'ca', key: 'ca.crt' },
    },
    results: { deletionPolicy: 'Retain' },
    suspend: true,
    activeDeadlineSeconds: 60,
    ttlSecondsAfterFinished: 0,
    backoffLimit: 0,
  },
  {
    model: { persistentVolumeClaim: { claimName: 'models', path: 'a/model.onnx' } },
    input: { persistentVolumeClaim: { claimName: 'inputs', path: 'images' } },
    links: [
      {
        name: 'c',
        type: 'Trace',
        trace: {
          format: 'Csv',
          uplink: { configMapKeyRef: { name: 'trace', key: 'up' } },
          downlink: { persistentVolumeClaim: { claimName: 'traces', path: 'down' } },
          delay: '20ms',
        },
      },
    ],
    measurement: { mode: 'Periodic', periodic: { framesPerSecond: '30', deadline: '50ms' } },
  },
  {
    model: { image: { reference: 'example.com/models/a:1', path: 'model.onnx' } },
    input: { random: { seed: 3 } },
    links: [
      {
        name: 'd',
        type: 'Trace',
        trace: { format: 'Mahimahi', uplink: { builtin: 'a' }, downlink: { http: download } },
      },
    ],
  },
  { model: { zoo: 'DigitsCnn' }, input: { sample: 'Digits' } },
] as const;

/** A copy of a value in which another one stands at a path. */
export function withValue(root: unknown, [step, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (step === undefined) return value;
  if (typeof step === 'number') {
    const list: readonly unknown[] = Array.isArray(root) ? root : [];
    return list.with(step, withValue(list[step], rest, value));
  }
  const object = isPlainObject(root) ? root : {};
  return { ...object, [step]: withValue(object[step], rest, value) };
}
