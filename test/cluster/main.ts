// The test cluster for a person to try things in: `up` leaves it running, `down` ends it, `kubectl` talks to it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { cachedFolder } from '../../cli/programs/cached.ts';
import { buildImage, imageReference } from '../../images/build.ts';
import { sweepCgroups } from './cgroups.ts';
import { startCluster } from './cluster.ts';
import { natsImage, writeNatsImage } from './images.ts';
import { findPrograms } from './programs/kubernetes.ts';
import { isLeftOver, sweepFolders } from './rig-folder.ts';

const home = cachedFolder('cluster');
const stateFile = join(home, 'state.json');
const logFile = join(home, 'log');
const stateSchema = z.object({ pid: z.int(), folder: z.string(), kubeconfig: z.string() });

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = { up, serve, down, kubectl };
const [, , name = '', ...rest] = process.argv;
try {
  const run = commands[name];
  if (!run) throw new Error(`${name}: one of ${Object.keys(commands).join(', ')}`);
  await run(rest);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 3;
}

async function up(): Promise<void> {
  if (await running()) return tell();
  await mkdir(home, { recursive: true });
  const log = await open(logFile, 'w');
  const child = spawn(process.execPath, [import.meta.filename, 'serve'], {
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
    detached: true,
  });
  await log.close();
  const [started] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [null])]);
  if (started === null) throw new Error(`the cluster did not start:\n${await readFile(logFile, 'utf8')}`);
  child.disconnect();
  child.unref();
  await tell();
}

/** What `up` starts: holds the cluster until it is told to end. */
async function serve(): Promise<void> {
  const images = await Promise.all([
    buildImage('operator', join(home, 'images')),
    buildImage('worker-cpu', join(home, 'images')),
    writeNatsImage(join(home, 'images')),
  ]);
  const ended = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  // Without a handle of its own the process would end while the cluster runs.
  const alive = setInterval(() => {}, 2 ** 30);
  await using cluster = await startCluster({ images });
  const { folder, kubeconfig } = cluster;
  await writeFile(stateFile, JSON.stringify({ pid: process.pid, folder, kubeconfig }), { mode: 0o600 });
  process.send?.('started');
  await ended;
  clearInterval(alive);
  await rm(stateFile, { force: true });
}

async function down(): Promise<void> {
  const state = await running();
  if (state) {
    process.kill(state.pid, 'SIGTERM');
    while (!(await isLeftOver(basename(state.folder)))) await delay(50);
  }
  await Promise.all([sweepFolders(), sweepCgroups(), rm(stateFile, { force: true })]);
}

async function kubectl(args: readonly string[]): Promise<void> {
  const state = await running();
  if (!state) throw new Error('no cluster is running; start one with: make cluster-up');
  const programs = await findPrograms(['kubectl']);
  const env = { ...process.env, KUBECONFIG: state.kubeconfig };
  const child = spawn(programs.kubectl, args, { stdio: 'inherit', env });
  const [status] = await once(child, 'close');
  process.exitCode = status ?? 1;
}

async function tell(): Promise<void> {
  const state = await running();
  const lines = [
    `export KUBECONFIG=${state?.kubeconfig}`,
    `# images on both nodes: ${imageReference('operator')}, ${imageReference('worker-cpu')}, ${natsImage}`,
    '# the chart with these images: helm install splitlab helm/splitlab --namespace splitlab --create-namespace --values test/cluster/values.yaml',
    `# logs: ${state?.folder}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function running(): Promise<z.infer<typeof stateSchema> | null> {
  const text = await readFile(stateFile, 'utf8').catch(() => null);
  if (text === null) return null;
  const state = stateSchema.parse(JSON.parse(text));
  return (await isLeftOver(basename(state.folder))) ? null : state;
}
