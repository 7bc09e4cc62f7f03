import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A NATS server for tests with the login test/test; disposing stops it and removes its folder. */
export interface TestNatsServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
}

const version = 'v2.15.2';

/** Starts a real NATS server on 127.0.0.1; `port` 0: chosen by the system. */
export async function testNatsServer(port = 0): Promise<TestNatsServer> {
  const binary = await findBinary();
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-link-'));
  const listen = ['-a', '127.0.0.1', '-p', String(port === 0 ? -1 : port)];
  const child = spawn(binary, [...listen, '--user', 'test', '--pass', 'test', '--ports_file_dir', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const ready = Promise.withResolvers<void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    if (log.includes('Server is ready')) ready.resolve();
  });
  child.once('exit', () => ready.reject(new Error(`nats-server ended: ${log}`)));
  const dispose = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready.promise;
    const chosen = port === 0 ? await chosenPort(folder) : port;
    return { port: chosen, url: `nats://127.0.0.1:${chosen}`, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function chosenPort(folder: string): Promise<number> {
  for (;;) {
    const [name] = await readdir(folder);
    const text = name === undefined ? '' : await readFile(join(folder, name), 'utf8');
    const port = /"nats:\/\/127\.0\.0\.1:(\d+)"/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
    await new Promise(setImmediate);
  }
}

/** The program on PATH, else in the cache folder, else built into it. */
async function findBinary(): Promise<string> {
  const cache = process.env.SPLITLAB_CACHE ?? join(homedir(), '.cache', 'splitlab');
  const folders = [...(process.env.PATH ?? '').split(':'), cache];
  for (const folder of folders) {
    const file = join(folder, 'nats-server');
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  const module = `github.com/nats-io/nats-server/v2@${version}`;
  await promisify(execFile)('go', ['install', module], { env: { ...process.env, GOBIN: cache } });
  return join(cache, 'nats-server');
}
