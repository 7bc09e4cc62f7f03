import type { CutKind } from '../../api/cut.ts';
import type { Codec } from '../../api/manifest/codec.ts';
import { exchangeReplySchema } from '../../api/messages/exchange.ts';
import type { Transfer } from '../../api/plan/trial.ts';
import type { Classification } from '../inference/classify.ts';
import type { Session } from '../inference/session.ts';
import { batchIndices, stack } from '../input/batch.ts';
import { decodeToPixels } from '../input/image.ts';
import type { Inputs } from '../input/inputs.ts';
import { normalisePixels } from '../input/normalise.ts';
import type { PreprocessPlan } from '../input/preprocess.ts';
import type { LabelReader } from '../labels.ts';
import type { LocalMarks, Marks } from '../measure/marks.ts';
import { monotonicMs } from '../measure/now.ts';
import { elementBytes, elementCount, type Tensor } from '../tensor.ts';
import type { Exchange, ExchangeResult } from '../transport/exchange.ts';

/** What stays the same for all inferences of a visit. */
export interface Route {
  readonly kind: CutKind;
  readonly codec: Codec | null;
  readonly transfer: Transfer;
  readonly batchSize: number;
  readonly inputs: Inputs;
  /** Head or, for LocalOnly, the whole model; null where nothing runs here. */
  readonly session: Session | null;
  /** Names of the tensors that cross, for the kind Cut. */
  readonly crossing: readonly string[];
  /** Null for LocalOnly. */
  readonly exchange: Exchange | null;
  readonly labels: LabelReader;
}

/** What differs from one inference to the next. */
export interface Departure {
  /** Inferences are counted from 0; number i takes the inputs from i x batch size on, going round. */
  readonly index: number;
  readonly outputs: 'AsConfigured' | 'Tensors';
  readonly traceparent: string;
  readonly resend: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** One inference that arrived: when, how many bytes, and the answer as tensors or labels. */
export interface Arrival {
  readonly marks: Marks;
  readonly firstInput: number;
  readonly bytes: {
    readonly input: number | null;
    readonly preprocessed: number | null;
    readonly intermediate: number | null;
    readonly exchange: ExchangeResult['bytes'] | null;
  };
  readonly outputs: readonly Tensor[];
  readonly labels: readonly (readonly Classification[])[] | null;
}

/** For files and pixels: 8-bit tensors, which every codec leaves alone. */
const asTheyAre: Codec = { type: 'Float32', compression: 'None' };

/** Takes one batch of inputs through head, link and tail. Throws what session and exchange throw. */
export async function travel(route: Route, departure: Departure): Promise<Arrival> {
  const { kind, inputs, batchSize, session, exchange, labels } = route;
  const indices = batchIndices(departure.index * batchSize, batchSize, inputs.items.length);
  const [firstInput = 0] = indices;
  const local = { ...noMarks, startedMs: monotonicMs() };

  const prepared = await prepare(kind, inputs, indices);
  if (kind !== 'RemoteSource') local.preprocessedMs = monotonicMs();
  const outputs = session ? (await session.run(prepared.tensors)).outputs : prepared.tensors;
  if (session) local.headDoneMs = monotonicMs();
  const crossing = kind === 'Cut' ? route.crossing.map((name) => find(outputs, name)) : outputs;
  const bytes = {
    input: prepared.sourceBytes,
    preprocessed: kind === 'RemoteSource' ? null : sizeOf(prepared.tensors),
    intermediate: kind === 'Cut' ? sizeOf(crossing) : null,
  };
  if (!exchange) {
    const read = labels.read(outputs);
    if (read) local.postprocessedMs = monotonicMs();
    return {
      marks: { kind, local, remote: null },
      firstInput,
      bytes: { ...bytes, exchange: null },
      outputs,
      labels: read,
    };
  }

  const { outputs: wanted, traceparent, resend, timeoutMs, signal } = departure;
  const codec = route.codec ?? asTheyAre;
  const request = { tensors: crossing, codec, transfer: route.transfer, meta: { outputs: wanted } };
  const answer = await exchange.request({ ...request, traceparent, resend, timeoutMs, signal });
  const reply = exchangeReplySchema.parse(answer.meta);
  local.encodedMs = answer.marks.encodedMs;
  if (route.transfer === 'Pipelined') local.lastEncodedMs = answer.busy.encode.endMs;
  local.repliedMs = answer.marks.repliedMs;
  const read = reply.labels ?? labels.read(answer.reply);
  if (read && !reply.labels) local.postprocessedMs = monotonicMs();
  const { firstChunkMs, lastChunkMs, startedMs, decodedMs } = answer.marks.remote;
  const remote = {
    firstChunkMs,
    lastChunkMs,
    startedMs,
    decodedMs: kind === 'RemoteSource' ? null : (reply.normalisedMs ?? decodedMs),
    preprocessedMs: reply.preprocessedMs,
    tailDoneMs: reply.tailDoneMs,
    postprocessedMs: reply.postprocessedMs,
  };
  return {
    marks: { kind, local, remote },
    firstInput,
    bytes: { ...bytes, exchange: answer.bytes },
    outputs: answer.reply,
    labels: read,
  };
}

const noMarks: { -readonly [K in keyof LocalMarks]: LocalMarks[K] } = {
  scheduledMs: null,
  startedMs: 0,
  preprocessedMs: null,
  headDoneMs: null,
  encodedMs: null,
  lastEncodedMs: null,
  repliedMs: null,
  postprocessedMs: null,
};

interface Prepared {
  readonly tensors: readonly Tensor[];
  /** Size of the images' files; null where the inputs are tensors. */
  readonly sourceBytes: number | null;
}

/** What the session or the link gets: the model's inputs, or for RemoteSource and RemotePixels files and pixels. */
async function prepare(kind: CutKind, inputs: Inputs, indices: readonly number[]): Promise<Prepared> {
  if (inputs.kind === 'Tensors') {
    return { tensors: stack(indices.map((index) => itemAt(inputs.items, index).tensors)), sourceBytes: null };
  }
  const items = indices.map((index) => itemAt(inputs.items, index));
  const files = await Promise.all(items.map((item) => item.read()));
  const sourceBytes = files.reduce((sum, file) => sum + file.length, 0);
  if (kind === 'RemoteSource') return { tensors: files.map(sourceTensor), sourceBytes };
  const { preprocess } = inputs;
  const pixels = await Promise.all(
    files.map((file, index) => decodeToPixels(items[index]?.name ?? '', file, preprocess)),
  );
  const tensors =
    kind === 'RemotePixels'
      ? [pixelTensor(pixels, preprocess)]
      : stack(pixels.map((one) => [normalisePixels(one, preprocess)]));
  return { tensors, sourceBytes };
}

function sourceTensor(file: Uint8Array, index: number): Tensor {
  return { name: `source-${index}`, type: 'uint8', shape: [file.length], data: file };
}

function pixelTensor(images: readonly Uint8Array[], { width, height }: PreprocessPlan): Tensor {
  const data = new Uint8Array(images.length * width * height * 3);
  for (const [index, image] of images.entries()) data.set(image, index * width * height * 3);
  return { name: 'pixels', type: 'uint8', shape: [images.length, height, width, 3], data };
}

function itemAt<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`there is no input ${index} of ${items.length}`);
  return item;
}

function find(tensors: readonly Tensor[], name: string): Tensor {
  const tensor = tensors.find((candidate) => candidate.name === name);
  if (!tensor) throw new RangeError(`the head gave no tensor ${name}`);
  return tensor;
}

function sizeOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { shape, type }) => sum + elementCount(shape) * elementBytes[type], 0);
}
