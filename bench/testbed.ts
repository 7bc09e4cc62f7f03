import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { encodeJson } from '../worker/transport/codec/json.ts';
import { reluTensor } from './row.ts';
import { median } from './statistics.ts';
import { floats, layers, onText, openVggPart, parseTensor, writeText } from './testbed-parts.ts';

const repetitions = 3;

/**
 * A testbed as the field uses it today, small and faithful: the head, its tensor through JSON.stringify over one TCP
 * connection, JSON.parse, the tail in another process, and its answer back in the same way. Sessions are the product's,
 * so that the transport alone differs. Gives the median end-to-end ms by layer, preprocessing excluded.
 */
export async function runTestbed(model: string): Promise<ReadonlyMap<string, number>> {
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
    const told = () => Promise.race([once(remote, 'message'), failed]);
    const [{ port }] = await told();
    const socket = connect(port, '127.0.0.1');
    stack.defer(() => void socket.destroy());
    await once(socket, 'connect');
    let take = (_: Uint8Array) => {};
    onText(socket, (text) => take(text));

    const times = new Map<string, number>();
    for (const layer of layers) {
      remote.send({ layer });
      await using head = await openVggPart(model, layer, 'local');
      await told();
      const once = async () => {
        const startMs = performance.now();
        const [tensor] = (await head.run([await inputOf(head.inputs[0]?.name)])).outputs;
        if (!tensor) throw new Error(`the head of ${layer} gives nothing`);
        const answered = new Promise<Uint8Array>((resolve) => {
          take = resolve;
        });
        writeText(socket, encodeJson('x', floats(tensor.data), tensor.shape));
        parseTensor(await Promise.race([answered, failed]), [1, 1000]);
        return performance.now() - startMs;
      };
      await once();
      const found: number[] = [];
      for (let i = 0; i < repetitions; i++) found.push(await once());
      times.set(layer, median(found));
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
