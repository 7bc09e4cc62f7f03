import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latencyNames, recordSchema, type VisitRecord } from '../../api/record/record.ts';
import { subjects } from '../../api/subjects.ts';
import { splitExperiments } from '../../operator/runtime/resources.ts';
import { startCluster } from '../../test/cluster/cluster.ts';
import { requireNodes } from '../../test/cluster/requirements.ts';
import { openClusterArchive } from '../../test/e2e/cluster/archive.ts';
import { install, installationOptions, makeNamespace } from '../../test/e2e/cluster/installation.ts';
import { clusterManifest } from '../../test/e2e/cluster/manifest.ts';
import { openView } from '../../test/e2e/cluster/view.ts';
import { runManifest } from '../lab.ts';
import { type Row, row, unavailable } from '../row.ts';
import { median } from '../statistics.ts';
import { names, untilPods, untilReason } from './experiments.ts';
import { namespace } from './site.ts';

const experiments = 3;
/** Enough for medians that can be compared. */
const measurement = { warmup: 3, repetitions: 30, blocks: 2 };

/**
 * DigitsCnn in pods on two real nodes, and the same manifest by `splitlab run`: beside that cluster at rest, which tells what
 * its control plane and kubelets cost on the same cores, and alone.
 */
export async function run(): Promise<Row[]> {
  try {
    await requireNodes();
  } catch (error) {
    return [unavailable('DigitsCnn in pods of real nodes', error instanceof Error ? error.message : String(error))];
  }
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-bench-'));
  try {
    const manifest = join(folder, 'run.yaml');
    await writeFile(manifest, JSON.stringify(clusterManifest('default', 'run', { measurement })));
    const { podsMs, firstMs, records, beside } = await inPods(folder, manifest);
    const local = await runManifest(manifest);
    return [
      row(`apply to both pods created on real nodes, median of ${experiments}`, median(podsMs), 'ms', '<=', 300),
      row('apply to the end of the first inference in pods, median', median(firstMs) / 1000, 's', '<=', 6),
      row('the same, longest', Math.max(...firstMs) / 1000, 's'),
      ...sideBySide({ 'in pods': records, 'splitlab run beside the cluster': beside, 'splitlab run': local.records }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface InPods {
  readonly podsMs: readonly number[];
  /** From apply to the end of the earliest inference. */
  readonly firstMs: readonly number[];
  readonly records: readonly VisitRecord[];
  /** Of `splitlab run` on the same machine while the cluster rests. */
  readonly beside: readonly VisitRecord[];
}

async function inPods(folder: string, manifest: string): Promise<InPods> {
  await using cluster = await startCluster(await installationOptions(folder));
  await install(cluster);
  await using view = await openView(cluster.kubeconfig);
  await using stored = await openClusterArchive(cluster.kubeconfig, view);
  await makeNamespace(cluster, namespace);
  const [podsMs, firstMs, records]: [number[], number[], VisitRecord[]] = [[], [], []];
  for (const name of names('real', experiments)) {
    const appliedAt = Date.now();
    const applied = await view.client.create(splitExperiments, {
      apiVersion: 'splitlab.dev/v1alpha1',
      kind: 'SplitExperiment',
      ...clusterManifest(namespace, name, { measurement }),
    });
    await untilPods(view, applied);
    podsMs.push(Date.now() - appliedAt);
    await untilReason(view, name, 'Completed');
    const scope = subjects({ cluster: stored.clusterId, namespace, uid: applied.metadata.uid });
    const own: VisitRecord[] = [];
    for await (const { value } of stored.archive.scan('records', scope.allRecords)) own.push(recordSchema.parse(value));
    firstMs.push(Math.min(...own.map(firstInferenceAt)) - appliedAt);
    records.push(...own);
  }
  const beside = await runManifest(manifest);
  return { podsMs, firstMs, records, beside: beside.records };
}

/** Nodes and this process have one clock. A visit opens its sessions first. */
function firstInferenceAt({ startedAt, coldStart }: VisitRecord): number {
  const { loadMilliseconds, firstRunMilliseconds } = coldStart ?? { loadMilliseconds: 0, firstRunMilliseconds: 0 };
  return Date.parse(startedAt) + loadMilliseconds + (firstRunMilliseconds ?? 0);
}

/** Medians of each segment, of what is measured across the link. */
function sideBySide(runs: Readonly<Record<string, readonly VisitRecord[]>>): Row[] {
  const all = Object.values(runs).flat();
  const cuts = new Set(all.filter(({ remote }) => remote !== null).map(({ cut }) => cut.name));
  return [...cuts].flatMap((cut) =>
    latencyNames.flatMap((name) =>
      Object.entries(runs).flatMap(([where, records]) => {
        const values = p50s(records, cut, name);
        return values.length === 0 ? [] : [row(`${cut}, ${name}: ${where}`, median(values), 'ms')];
      }),
    ),
  );
}

function p50s(records: readonly VisitRecord[], cut: string, name: (typeof latencyNames)[number]): number[] {
  const accepted = records.filter((record) => record.cut.name === cut && record.verdict.result === 'Accepted');
  return accepted.flatMap(({ latencyMilliseconds }) => latencyMilliseconds?.[name]?.p50 ?? []);
}
