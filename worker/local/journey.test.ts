import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CutKind } from '../../api/cut.ts';
import { subjects } from '../../api/subjects.ts';
import { formatTraceparent, newTrace } from '../../api/trace/context.ts';
import { type TestNatsServer, testNatsServer, testUser } from '../../test/support/nats.ts';
import { openSession, type Session } from '../inference/session.ts';
import { type Inputs, inputTensors } from '../input/inputs.ts';
import { openInputs } from '../input/open.ts';
import { labelReader } from '../labels.ts';
import { monotonicMs } from '../measure/now.ts';
import { segmentsOf } from '../measure/segments.ts';
import { encodeModel } from '../onnx/encode.ts';
import { answer } from '../remote/answer.ts';
import type { Tensor } from '../tensor.ts';
import { openConnection } from '../transport/connection.ts';
import { type Exchange, openExchange } from '../transport/exchange.ts';
import { serveExchange } from '../transport/serve.ts';
import { dataPath } from '../zoo/samples.ts';
import { type Arrival, type Route, travel } from './journey.ts';

const names = subjects({ cluster: 'c', namespace: 'n', uid: 'u' });
const kinds = ['Cut', 'RemoteTensor', 'RemotePixels', 'RemoteSource'] as const satisfies CutKind[];
const image = { name: 'x', type: 'float32', shape: ['batch', 3, 8, 8] } as const;
const unread = labelReader({ decode: 'None', topK: 1 }, null);
const read = labelReader({ decode: 'Classification', topK: 1 }, null);

/** Operators one after another between two tensors of the image's shape. */
function chain(from: string, to: string, ...operators: string[]): Promise<Session> {
  const tensors = [from, ...operators.slice(1).map((_, index) => `${from}${index}`), to];
  const nodes = operators.map((operator, index) => ({
    operator,
    inputs: tensors.slice(index, index + 1),
    outputs: tensors.slice(index + 1, index + 2),
  }));
  const value = (name: string) => ({ ...image, name });
  const graph = { name: 'g', nodes, inputs: [value(from)], outputs: [value(to)] };
  return openSession({
    model: encodeModel({ irVersion: 8, opsets: { '': 17 }, graph }),
    executionProvider: 'CPU',
    device: 0,
    threads: 1,
    spinning: false,
    optimization: 'All',
    providerOptions: [],
  });
}

const open: AsyncDisposable[] = [];
let server: TestNatsServer;
let inputs: Inputs;
let head: Session;
let tail: Session;
let whole: Session;
/** An exchange with a remote side for each kind; it answers with labels where it may. */
const exchanges = new Map<CutKind, Exchange>();
let expected: readonly Tensor[] = [];

before(async () => {
  server = await testNatsServer();
  [head, tail, whole] = await Promise.all([
    chain('x', 'h', 'Relu'),
    chain('h', 'y', 'Neg'),
    chain('x', 'y', 'Relu', 'Neg'),
  ]);
  inputs = await openInputs({ file: dataPath('photos/cat.png') }, { folder: '.', modelInputs: [image] });
  assert.ok(inputs.kind === 'Images');
  const { preprocess } = inputs;
  const login = { url: server.url, user: testUser.user, password: testUser.password };
  const [here, there] = [
    await openConnection({ ...login, name: 'local' }),
    await openConnection({ ...login, name: 'remote' }),
  ];
  open.push(here, there);
  for (const [lane, kind] of kinds.entries()) {
    const session = kind === 'Cut' ? tail : whole;
    const handler = (request: { tensors: readonly Tensor[]; meta: unknown }) =>
      answer({ kind, session, preprocess, labels: read }, request.tensors, request.meta);
    const common = { up: names.up(lane), down: names.down(lane), now: monotonicMs };
    open.push(await serveExchange({ ...common, connection: there, handler }));
    const exchange = await openExchange({ ...common, connection: here });
    exchanges.set(kind, exchange);
    open.push(exchange);
  }
  const { outputs } = await whole.run(await inputTensors(inputs, 0));
  expected = outputs.map((tensor) => ({ ...tensor, data: tensor.data.slice() }));
});
after(async () => {
  for (const one of [...open.reverse(), head, tail, whole, server]) await one[Symbol.asyncDispose]();
});

function go(kind: CutKind, outputs: 'Tensors' | 'AsConfigured', changes: Partial<Route> = {}): Promise<Arrival> {
  const session = kind === 'Cut' ? head : kind === 'LocalOnly' ? whole : null;
  const route: Route = {
    kind,
    codec: kind === 'Cut' || kind === 'RemoteTensor' ? { type: 'Float32', compression: 'None' } : null,
    transfer: 'Sequential',
    batchSize: 1,
    inputs,
    session,
    crossing: ['h'],
    exchange: exchanges.get(kind) ?? null,
    labels: unread,
    ...changes,
  };
  const signal = AbortSignal.timeout(30_000);
  const traceparent = formatTraceparent(newTrace(true));
  return travel(route, { index: 0, outputs, traceparent, resend: true, timeoutMs: 30_000, signal });
}

const steps = ({ marks }: Arrival) => segmentsOf(marks, (ms) => ms).map(({ name }) => name);
const bytesOf = (tensors: readonly Tensor[]) => tensors.map(({ name, data }) => [name, Buffer.from(data)]);

test('every way through the network gives the output of the whole model', async () => {
  for (const kind of [...kinds, 'LocalOnly'] as const) {
    const arrival = await go(kind, 'Tensors');
    assert.deepEqual(bytesOf(arrival.outputs), bytesOf(expected), kind);
    assert.equal(arrival.labels, null);
  }
  const pipelined = await go('Cut', 'Tensors', { transfer: 'Pipelined' });
  assert.deepEqual(bytesOf(pipelined.outputs), bytesOf(expected));
});

test('the marks of each kind are those that its segments need', async () => {
  const way = ['uplink', 'remoteWait'];
  const arrivals = { cut: await go('Cut', 'Tensors'), source: await go('RemoteSource', 'Tensors') };
  assert.deepEqual(steps(arrivals.cut), ['preprocess', 'head', 'encode', ...way, 'decode', 'tail', 'downlink']);
  assert.deepEqual(steps(arrivals.source), ['encode', ...way, 'preprocess', 'tail', 'downlink']);
  for (const kind of ['RemoteTensor', 'RemotePixels'] as const) {
    assert.deepEqual(steps(await go(kind, 'Tensors')), ['preprocess', 'encode', ...way, 'decode', 'tail', 'downlink']);
  }
  assert.deepEqual(steps(await go('LocalOnly', 'Tensors', { labels: read })), ['preprocess', 'head', 'postprocess']);
});

test('labels are chosen where they are asked for, and are the same there', async () => {
  const here = await go('Cut', 'Tensors', { labels: read });
  const there = await go('Cut', 'AsConfigured', { labels: read });
  assert.deepEqual([here.outputs.length, there.outputs.length], [1, 0]);
  assert.deepEqual(here.labels, there.labels);
  assert.equal(here.labels?.length, 3 * 8);
  assert.deepEqual(steps(here).slice(-2), ['downlink', 'postprocess']);
  assert.deepEqual(steps(there).slice(-2), ['postprocess', 'downlink']);
});

test('bytes are counted at each stage', async () => {
  assert.ok(inputs.kind === 'Images');
  const file = await inputs.items[0]?.read();
  const tensor = 3 * 8 * 8 * 4;
  const cut = await go('Cut', 'Tensors');
  assert.deepEqual(
    { ...cut.bytes, exchange: null },
    {
      input: file?.length,
      preprocessed: tensor,
      intermediate: tensor,
      exchange: null,
    },
  );
  assert.ok((cut.bytes.exchange?.encoded ?? 0) >= tensor);
  const pixels = await go('RemotePixels', 'Tensors');
  assert.deepEqual([pixels.bytes.preprocessed, pixels.bytes.intermediate], [3 * 8 * 8, null]);
  assert.equal((await go('RemoteSource', 'Tensors')).bytes.preprocessed, null);
  assert.equal((await go('LocalOnly', 'Tensors')).bytes.exchange, null);
});
