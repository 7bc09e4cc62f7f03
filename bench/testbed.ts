import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { encodeJson } from '../worker/transport/codec/json.ts';
import { reluTensor } from './row.ts';
import { median } from './statistics.ts';
import { floats, layers, onText, openVggPart, parseTensor, writeText } from './testbed-parts.ts';

const repetitions = 3;

export interface TestbedTimes {
  /** Median of whole inferences in ms, from the preprocessed tensor to the parsed answer. */
  readonly totalMs: number;
  /** Median of the same less head and tail: what encoding, sending and decoding take. */
  readonly beyondModelMs: number;
}

/**
 * A testbed as the field uses it today, small and faithful: the head, its tensor through JSON.stringify over one TCP
 * connection, JSON.parse, the tail in another process, and its answer back in the same way. Sessions are the product's,
 * so that the transport alone differs. Gives the times by layer.
 */
export async function runTestbed(model: string): Promise<ReadonlyMap<string, TestbedTimes>> {
  const stack = new AsyncDisposableStack();
  try {
    const remote = fork(fileURLToPath(new URL('./testbed-remote.ts', import.meta.url)), [model]);
    stack.defer(async () => {
      const ended = once(remote, 'exit');
      if (remote.connected) remote.disconnect();
      if (remote.exitCode === null) await ended;
    });
    const failed = once(remote, 'exit').then(([status]) => {
      throw new Error(`the testbed's remote process ended with status ${status}`);
    });
    failed.catch(() => {});
    const heard = () => Promise.race([once(remote, 'message'), failed]);
    const [{ port }] = await heard();
    const socket = connect(port, '127.0.0.1');
    stack.defer(() => void socket.destroy());
    await once(socket, 'connect');
    let take = (_: Uint8Array) => {};
    onText(socket, (text) => take(text));

    const times = new Map<string, TestbedTimes>();
    for (const layer of layers) {
      const ready = heard();
      remote.send({ layer });
      await using head = await openVggPart(model, layer, 'local');
      await ready;
      const infer = async () => {
        const startMs = performance.now();
        const [tensor] = (await head.run([await inputOf(head.inputs[0]?.name)])).outputs;
        const headMs = performance.now() - startMs;
        if (!tensor) throw new Error(`the head of ${layer} gives nothing`);
        const told = heard();
        const answered = new Promise<Uint8Array>((resolve) => {
          take = resolve;
        });
        writeText(socket, encodeJson('x', floats(tensor.data), tensor.shape));
        parseTensor(await Promise.race([answered, failed]), [1, 1000]);
        const totalMs = performance.now() - startMs;
        const [{ tailMs }] = await told;
        return { totalMs, beyondModelMs: totalMs - headMs - tailMs };
      };
      await infer();
      const found: TestbedTimes[] = [];
      for (let i = 0; i < repetitions; i++) found.push(await infer());
      times.set(layer, {
        totalMs: median(found.map(({ totalMs }) => totalMs)),
        beyondModelMs: median(found.map(({ beyondModelMs }) => beyondModelMs)),
      });
    }
    return times;
  } finally {
    await stack.disposeAsync();
  }
}

const image = reluTensor([1, 3, 224, 224]);

async function inputOf(name = 'x') {
  return { name, type: 'float32', shape: [1, 3, 224, 224], data: new Uint8Array(image.buffer) } as const;
}
