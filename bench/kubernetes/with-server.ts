import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { z } from 'zod';

const readySchema = z.object({ url: z.string(), ca: z.string() });

/** Runs `use` against a server in another process, as client-node's configuration describes it. */
export async function withServer<T>(
  objects: number,
  events: number,
  use: (config: KubeConfig) => Promise<T>,
): Promise<T> {
  const child = fork(join(import.meta.dirname, 'server.ts'), [String(objects), String(events)]);
  try {
    const [message] = await once(child, 'message');
    const { url, ca } = readySchema.parse(message);
    const config = new KubeConfig();
    const caData = Buffer.from(ca).toString('base64');
    config.loadFromClusterAndUser(
      { name: 'bench', server: url.replace(/\/$/, ''), caData, skipTLSVerify: false },
      { name: 'bench', token: 'token' },
    );
    return await use(config);
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
}
