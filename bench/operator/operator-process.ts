import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { appFolder } from '../../images/files.ts';
import { freePort } from '../../test/cluster/ports.ts';
import { within } from '../../test/support/deadline.ts';
import { operatorNamespace } from './installed.ts';

export interface OperatorPlace {
  /** Where the files of its image are. */
  readonly tree: string;
  /** A folder for its configuration and service account. */
  readonly folder: string;
  /** Its command line there, without the name of its configuration file. */
  readonly command: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly server: URL;
  readonly token: string;
  readonly caFile: string;
}

/** The operator as a process of its own. */
export interface OperatorProcess {
  readonly pid: number;
  readonly startedMs: number;
  /** The fields of the first line of its log with this message. */
  logged(message: string): Promise<Readonly<Record<string, unknown>>>;
  /** Resident memory in MB. */
  residentMB(): Promise<number>;
  /** What it used of processors since it started, in ms. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

const accountFolder = 'secrets/kubernetes.io/serviceaccount';

/** Starts what the image starts, as a pod does: its credentials are the files that a kubelet puts into /var/run. */
export async function startOperator(place: OperatorPlace): Promise<OperatorProcess> {
  const { tree, folder, command, config, server, token, caFile } = place;
  const account = join(folder, 'run', accountFolder);
  await mkdir(account, { recursive: true });
  await copyFile(caFile, join(account, 'ca.crt'));
  await writeFile(join(account, 'token'), token);
  await writeFile(join(account, 'namespace'), operatorNamespace);
  const file = join(folder, 'operator.json');
  await writeFile(file, JSON.stringify({ ...config, healthPort: await freePort(), resultsApi: { port: 0 } }));
  // /var/run leads to /run, which is the pod's own for this process.
  const inPod = 'mount --bind "$0" /run && cd "$1" && shift && exec "$@"';
  const [node = '', ...args] = command;
  const child = spawn(
    'unshare',
    ['--user', '--map-root-user', '--mount', 'sh', '-c', inPod, join(folder, 'run'), join(tree, appFolder)].concat(
      join(tree, node),
      args,
      file,
    ),
    {
      env: {
        PATH: process.env.PATH,
        KUBERNETES_SERVICE_HOST: server.hostname,
        KUBERNETES_SERVICE_PORT: server.port,
        POD_NAME: 'splitlab-operator-0',
        POD_NAMESPACE: operatorNamespace,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const startedMs = performance.now();
  const ended = once(child, 'close');
  const waiting = new Map<string, PromiseWithResolvers<Readonly<Record<string, unknown>>>>();
  const awaited = (message: string) => {
    const known = waiting.get(message) ?? Promise.withResolvers<Readonly<Record<string, unknown>>>();
    waiting.set(message, known);
    return known;
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const fields = JSON.parse(line);
    if (fields.level >= 50) console.error(line.slice(0, 500));
    awaited(fields.msg).resolve(fields);
  });
  const pid = child.pid ?? 0;
  const crashed = ended.then(([status]) => Promise.reject(new Error(`the operator ended with status ${status}`)));
  crashed.catch(() => {});
  const logged = (message: string) =>
    within(60_000, `the operator says: ${message}`, Promise.race([awaited(message).promise, crashed]));
  return {
    pid,
    startedMs,
    logged,
    async residentMB() {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024) / 1e6;
    },
    async cpuMs() {
      const [, after = ''] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ');
      // proc(5): user and system time are fields 14 and 15, in hundredths of a second.
      const [user = 0, system = 0] = after.split(' ').slice(11, 13).map(Number);
      return (user + system) * 10;
    },
    async stop() {
      child.kill('SIGTERM');
      await within(30_000, 'the operator ends', ended);
    },
  };
}
