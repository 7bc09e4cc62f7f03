import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { guard } from '../../cli/nats-server/guard.ts';
import { freePort } from '../cluster/ports.ts';
import { eventually } from '../support/deadline.ts';

const seriesSchema = z.object({
  metric: z.record(z.string(), z.string()),
  value: z.tuple([z.number(), z.string()]).transform(([, value]) => Number(value)),
});
const answerSchema = z.object({ data: z.object({ result: z.array(seriesSchema) }) });

/** A series at one moment: its labels, the name among them, and its value. */
export type FoundSeries = z.infer<typeof seriesSchema>;

export interface Prometheus extends AsyncDisposable {
  /** What an expression gives now. Throws with Prometheus' words where it is none. */
  query(expression: string): Promise<readonly FoundSeries[]>;
}

/** A Prometheus that scrapes these ports of 127.0.0.1 every second, by the name of their job. */
export async function startPrometheus(
  program: string,
  jobs: Readonly<Record<string, readonly number[]>>,
): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-prometheus-'));
  const port = await freePort();
  const configFile = join(folder, 'prometheus.yml');
  const scrapes = Object.entries(jobs).map(([name, ports]) => ({
    job_name: name,
    static_configs: [{ targets: ports.map((one) => `127.0.0.1:${one}`) }],
  }));
  const global = { scrape_interval: '1s', scrape_timeout: '1s' };
  await writeFile(configFile, JSON.stringify({ global, scrape_configs: scrapes }));
  const own = [`--config.file=${configFile}`, `--storage.tsdb.path=${join(folder, 'data')}`, '--log.level=error'];
  const listen = `--web.listen-address=127.0.0.1:${port}`;
  const { file, arguments: args, needsPipe } = await guard(program, [...own, listen], process.pid);
  const child = spawn(file, args, { stdio: [needsPipe ? 'pipe' : 'ignore', 'ignore', 'inherit'] });
  const closed = once(child, 'close');
  const stop = async () => {
    child.kill('SIGKILL');
    child.stdin?.destroy();
    await closed;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually(30_000, 'Prometheus is ready', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => null);
      return answer?.ok ? true : null;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    async query(expression) {
      const body = new URLSearchParams({ query: expression });
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query`, { method: 'POST', body });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${expression}: ${text}`);
      return answerSchema.parse(JSON.parse(text)).data.result;
    },
    [Symbol.asyncDispose]: stop,
  };
}
