import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const url = (module: string) => JSON.stringify(new URL(module, import.meta.url));
const script = `
  import { openSession } from ${url('./inference/session.ts')};
  import { encodeSingleNodeModel } from ${url('./inference/single-node-model.ts')};
  const value = { elementType: 1, shape: [1] };
  const model = encodeSingleNodeModel({
    operator: 'Relu', inputs: [{ ...value, name: 'x' }], outputs: [{ ...value, name: 'y' }],
  });
  const session = await openSession({
    model, executionProvider: 'CPU', device: 0, threads: 1, spinning: false, optimization: 'All', providerOptions: [],
  });
  await session.close();
`;

test('a session leaves nothing in the home or temporary folder of the user', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-runtime-'));
  try {
    const home = join(folder, 'home');
    await mkdir(home);
    await writeFile(join(folder, 'open.mjs'), script);
    // Variables that silence ONNX Runtime's reports by themselves are left out.
    const { CI: _, ORT_DISABLE_TELEMETRY: _set, ...rest } = process.env;
    const env = { ...rest, HOME: home, XDG_CACHE_HOME: join(home, 'cache'), TMPDIR: home };
    await promisify(execFile)(process.execPath, [join(folder, 'open.mjs')], { env });
    assert.deepEqual(await readdir(home), []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
