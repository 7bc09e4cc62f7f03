/**
 * What tracing costs: runs of examples/quickstart.yaml with every inference sent to a local OTLP receiver, in turns with
 * runs without. Compared is each trial with itself, by the median of its visits' medians.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Run, runManifest } from './lab.ts';
import { transitions } from './quickstart.ts';
import { print, type Row, row } from './row.ts';
import { median } from './statistics.ts';

const quickstart = fileURLToPath(new URL('../examples/quickstart.yaml', import.meta.url));
const toldSchema = z.object({ endpoint: z.string().optional(), spans: z.number().optional() });

export async function run(manifest = quickstart, rounds = 4): Promise<Row[]> {
  const receiver = fork(new URL('./traces/receiver.ts', import.meta.url));
  const told = async () => toldSchema.parse((await once(receiver, 'message'))[0]);
  try {
    const { endpoint } = await told();
    const arms = { without: [] as Run[], traced: [] as Run[] };
    for (let round = 0; round < rounds; round++) {
      // Which one is first changes, so that what drifts over time disturbs both alike.
      const order = round % 2 === 0 ? (['without', 'traced'] as const) : (['traced', 'without'] as const);
      for (const arm of order) {
        const options = arm === 'traced' ? ['--set', `spec.telemetry.endpoint=${endpoint}`] : [];
        arms[arm].push(await runManifest(manifest, options));
      }
    }
    const answer = told();
    receiver.send('count');
    const { spans = 0 } = await answer;
    return rowsOf(arms.without, arms.traced, spans);
  } finally {
    receiver.kill();
    await once(receiver, 'close');
  }
}

function rowsOf(without: readonly Run[], traced: readonly Run[], spans: number): Row[] {
  const [plain, other] = [byTrial(without), byTrial(traced)];
  const costs = [...plain].flatMap(([trialId, ms]) => {
    const tracedMs = other.get(trialId);
    return tracedMs === undefined ? [] : [(tracedMs / ms - 1) * 100];
  });
  const between = (runs: readonly Run[]) => median(runs.flatMap(({ phases }) => transitions(phases)));
  return [
    row('spans received', spans, ''),
    row('trials compared', costs.length, ''),
    row('end-to-end time with all traces against none, median of trials', median(costs), '%', '<=', 1),
    row('from one visit to the next, without', between(without), 'ms'),
    row('from one visit to the next, with all traces', between(traced), 'ms'),
    row('the whole run, without', median(without.map(({ seconds }) => seconds)), 's'),
    row('the whole run, with all traces', median(traced.map(({ seconds }) => seconds)), 's'),
  ];
}

/** The median end-to-end time in ms of each trial over all runs. */
function byTrial(runs: readonly Run[]): Map<string, number> {
  const accepted = runs.flatMap(({ records }) => records).filter(({ verdict }) => verdict.result === 'Accepted');
  const trials = Map.groupBy(accepted, ({ trialId }) => trialId);
  return new Map(
    [...trials].map(([trialId, records]) => [
      trialId,
      median(records.flatMap(({ latencyMilliseconds }) => latencyMilliseconds?.total?.p50 ?? [])),
    ]),
  );
}

if (import.meta.main) {
  const [manifest, rounds] = process.argv.slice(2);
  print(await run(manifest, rounds === undefined ? undefined : Number(rounds)));
}
