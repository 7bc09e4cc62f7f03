/** The testbed's other process: `testbed-remote.ts <model>`; told over IPC where the model is cut. */
import { createServer } from 'node:net';
import type { Session } from '../worker/inference/session.ts';
import { encodeJson } from '../worker/transport/codec/json.ts';
import { floats, onText, openVggPart, parseTensor, writeText } from './testbed-parts.ts';

const [path = ''] = process.argv.slice(2);
let session: Session | null = null as Session | null;

process.on('disconnect', () => process.exit());
process.on('message', async ({ layer }: { readonly layer: string }) => {
  await session?.close();
  session = await openVggPart(path, layer, 'remote');
  process.send?.({});
});

const server = createServer((socket) => {
  onText(socket, async (text) => {
    const [input] = session?.inputs ?? [];
    if (!session || !input) throw new Error('the testbed is not prepared');
    const shape = input.shape.map(Number);
    const values = parseTensor(text, shape);
    const feed = { name: input.name, type: 'float32', shape, data: new Uint8Array(values.buffer) } as const;
    const startMs = performance.now();
    const [output] = (await session.run([feed])).outputs;
    const tailMs = performance.now() - startMs;
    if (output) writeText(socket, encodeJson('y', floats(output.data), output.shape));
    process.send?.({ tailMs });
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
