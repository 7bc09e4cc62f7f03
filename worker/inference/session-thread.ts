/**
 * The thread that holds a session, then the next one. ONNX Runtime blocks the thread that creates or runs a session, so
 * that it is never the one that serves sockets. Requests come one at a time and each is answered.
 */
import { parentPort } from 'node:worker_threads';
import { monotonicMs } from '../measure/now.ts';
import { env, InferenceSession, listSupportedBackends, Tensor as RuntimeTensor } from '../onnxruntime.ts';
import { elementBytes, elementCount, type Tensor } from '../tensor.ts';
import { elementsOf, isRuntimeType, type RuntimeType, reusableSharedBytes } from './elements.ts';
import { type BackendConfig, backendConfigs, providerOfBackend } from './execution-provider.ts';
import { encodeSingleNodeModel } from './single-node-model.ts';
import type { OpenReply, OpenRequest, RunReply, RunRequest, ThreadReply, ThreadRequest } from './thread-messages.ts';

type Outputs = Awaited<ReturnType<InferenceSession['run']>>;

const port = parentPort;
if (!port) throw new Error('session-thread.ts runs as a worker thread only: use openSession');

// Where `Float16Array` exists the runtime's tensors use it, and its binding then reads no bytes ("not enough space:
// expected 16, got 0", onnxruntime-node 1.30). Without it they use Uint16Array for the same bits.
Reflect.deleteProperty(globalThis, 'Float16Array');

// Whatever goes wrong is thrown as well, and reported with its remedy.
env.logLevel = 'fatal';

let session: InferenceSession | undefined;
let run: ((request: RunRequest) => Promise<RunReply>) | undefined;

// One after the other: the runtime gives way to the event loop before it runs, and `close` must not overtake.
let last = Promise.resolve();
port.on('message', (request: ThreadRequest) => {
  last = last.then(() => answer(request));
});

async function answer(request: ThreadRequest): Promise<void> {
  switch (request.kind) {
    case 'open':
      return port?.postMessage(await open(request.value));
    case 'run':
      return port?.postMessage(await answerRun(request.value));
    case 'close':
      await close();
      return port?.postMessage({ kind: 'closed' } satisfies ThreadReply);
  }
}

async function open(request: OpenRequest): Promise<ThreadReply> {
  const backends = backendConfigs(request.executionProvider, request.device, request.providerOptions);
  try {
    const startedAtMs = monotonicMs();
    session = await InferenceSession.create(request.model, sessionOptions(request, backends));
    const loadMilliseconds = monotonicMs() - startedAtMs;
    const reply: OpenReply = {
      loadMilliseconds,
      inputs: session.inputMetadata.map(describe),
      outputs: session.outputMetadata.map(describe),
    };
    run = runner(session, reply);
    return { kind: 'opened', value: reply };
  } catch (error) {
    const unavailable = await whyUnavailable(backends);
    if (unavailable === undefined) return { kind: 'failed', value: { code: 'ModelRefused', reason: explain(error) } };
    const available = await availableProviders();
    return { kind: 'failed', value: { code: 'ExecutionProviderUnavailable', reason: unavailable, available } };
  }
}

function sessionOptions(request: OpenRequest, backends: readonly BackendConfig[]): InferenceSession.SessionOptions {
  const folder = request.folder === undefined ? {} : { model_external_initializers_file_folder_path: request.folder };
  return {
    executionProviders: backends,
    intraOpNumThreads: request.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: optimizationLevels[request.optimization],
    logSeverityLevel: 4,
    extra: { session: { ...folder, intra_op: { allow_spinning: request.spinning ? '1' : '0' } } },
  };
}

const optimizationLevels = { All: 'all', Extended: 'extended', Basic: 'basic', Disabled: 'disabled' } as const;

function describe(value: InferenceSession.ValueMetadata) {
  return value.isTensor
    ? { name: value.name, type: value.type, shape: value.shape }
    : { name: value.name, type: 'no tensor', shape: [] };
}

/** Drops the session and the shared memory of its outputs, which a caller may still hold. */
async function close(): Promise<void> {
  const released = session?.release();
  session = undefined;
  run = undefined;
  await released;
}

/** Asks with a model that every provider can run, to tell a provider that is missing from a model that is bad. */
async function whyUnavailable(executionProviders: readonly BackendConfig[]): Promise<string | undefined> {
  const value = { elementType: 1, shape: [1] };
  const model = encodeSingleNodeModel({
    operator: 'Relu',
    inputs: [{ ...value, name: 'x' }],
    outputs: [{ ...value, name: 'y' }],
  });
  try {
    const probe = await InferenceSession.create(model, { executionProviders, logSeverityLevel: 4 });
    await probe.release();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** The binding names a type that it cannot pass by its number in TensorProto.DataType alone. */
function explain(error: unknown): string {
  const message = messageOf(error);
  return message === 'Unsupported data type: 16' ? `${message} (bfloat16) as an input or output` : message;
}

async function availableProviders(): Promise<string[]> {
  const available: string[] = [];
  for (const { name } of listSupportedBackends()) {
    if ((await whyUnavailable([{ name }])) === undefined) available.push(providerOfBackend(name));
  }
  return available;
}

async function answerRun(request: RunRequest): Promise<ThreadReply> {
  try {
    if (!run) throw new Error('no session is open');
    return { kind: 'ran', value: await run(request) };
  } catch (error) {
    return { kind: 'failed', value: { code: 'RunFailed', reason: messageOf(error) } };
  }
}

interface OutputSlot {
  readonly name: string;
  /** The shape the model declares, if it is fixed and the runtime writes the output. */
  readonly declared: readonly number[] | undefined;
  readonly reserve: (length: number) => Uint8Array<SharedArrayBuffer>;
  /** Where the runtime writes the output; set once a run has shown that the declared shape is the true one. */
  target: RuntimeTensor | undefined;
}

function runner(
  session: InferenceSession,
  { inputs: given, outputs }: OpenReply,
): (request: RunRequest) => Promise<RunReply> {
  // The runtime does not write an output that is an input as well: the tail behind the last layer is such a model.
  const passedOn = new Set(given.map(({ name }) => name));
  const slots = outputs.map(
    ({ name, shape }): OutputSlot => ({
      name,
      declared: !passedOn.has(name) && shape.every((size) => typeof size === 'number') ? shape : undefined,
      reserve: reusableSharedBytes(),
      target: undefined,
    }),
  );
  return async ({ feeds }) => {
    const inputs = Object.fromEntries(feeds.map((feed) => [feed.name, toRuntime(feed)]));
    const targets = Object.fromEntries(slots.map(({ name, target }) => [name, target ?? null]));
    const startedAtMs = monotonicMs();
    const results = await session.run(inputs, targets);
    const written = slots.every(({ target }) => target !== undefined);
    const copied = written ? undefined : slots.map((slot) => keep(slot, results));
    const finishedAtMs = monotonicMs();
    releaseCopies(results);
    return copied ? { outputs: copied, startedAtMs, finishedAtMs } : { startedAtMs, finishedAtMs };
  };
}

/** Brings one output into shared memory, where the next run of the same shape writes it directly. */
function keep(slot: OutputSlot, results: Outputs): Tensor {
  const { name, declared, target } = slot;
  const result = results[name];
  if (!result || !isRuntimeType(result.type)) throw new Error(`output "${name}" is of type ${result?.type}`);
  const type: RuntimeType = result.type;
  const shape = result.dims;
  const shared = slot.reserve(elementCount(shape) * elementBytes[type]);
  if (!target) {
    shared.set(bytesOf(result.data));
    const isDeclared = declared?.length === shape.length && shape.every((size, axis) => size === declared[axis]);
    if (isDeclared) slot.target = toRuntime({ name, type, shape, data: shared });
  }
  return { name, type, shape, data: shared };
}

/**
 * The binding returns every output in memory of its own as well, even those it wrote into ours. Freed at once, the
 * allocator hands the same pages to the next run; left to the garbage collector, a run of one Relu over 12.8 MB took
 * 3.9 ms (90th percentile 7.3 ms, 830 page faults) instead of 2.4 ms (2.5 ms, none).
 */
function releaseCopies(results: Outputs): void {
  for (const { data } of Object.values(results)) {
    const { buffer } = bytesOf(data);
    if (buffer instanceof ArrayBuffer) buffer.transfer(0);
  }
}

function bytesOf(data: unknown): Uint8Array {
  if (!ArrayBuffer.isView(data)) throw new Error('an output holds no numbers');
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function toRuntime({ type, shape, data }: Tensor): RuntimeTensor {
  if (!isRuntimeType(type)) throw new Error(`elements of type ${type} cannot be passed`);
  return new RuntimeTensor(type, elementsOf(type === 'float16' ? 'uint16' : type, data), shape);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
