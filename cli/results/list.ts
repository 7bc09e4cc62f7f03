import type { ExperimentItem } from '../../api/results/experiment.ts';
import { askForList, type Reach } from '../cluster/ask.ts';
import { exitStatus } from '../errors.ts';
import type { Io } from '../io.ts';
import { formatTable } from '../table.ts';

export interface ListOptions {
  readonly allNamespaces?: boolean;
  /** Those whose objects are gone and whose results were kept. */
  readonly deleted?: boolean;
  readonly json?: boolean;
}

/** Lists experiments with how far they are. Gives the exit status. */
export async function listCommand(
  reach: Reach,
  namespace: string,
  { allNamespaces = false, deleted = false, json = false }: ListOptions,
  io: Io,
  signal: AbortSignal,
): Promise<number> {
  const items = await askForList(reach, allNamespaces ? null : namespace, deleted, signal);
  if (json) io.stdout.write(`${JSON.stringify({ items })}\n`);
  else if (items.length === 0) io.stderr.write(`none${allNamespaces ? '' : ` in namespace "${namespace}"`}\n`);
  else {
    const rows = items.map((item) => [...(allNamespaces ? [item.metadata.namespace] : []), ...cells(item, deleted)]);
    const header = [...(allNamespaces ? ['NAMESPACE'] : []), ...(deleted ? ['NAME', 'UID'] : columns)];
    io.stdout.write(`${formatTable(header, rows, new Set()).join('\n')}\n`);
  }
  return exitStatus.done;
}

const columns = ['NAME', 'MODEL', 'SUCCEEDED', 'REASON', 'PROGRESS', 'BEST-CUT', 'P50'];

function cells({ metadata, status }: ExperimentItem, deleted: boolean): string[] {
  if (deleted) return [metadata.name, metadata.uid];
  const succeeded = status?.conditions?.find(({ type }) => type === 'Succeeded');
  const { model = '', progress = '', bestCut = '', latencyP50 = '' } = status?.summary ?? {};
  return [metadata.name, model, succeeded?.status ?? '', succeeded?.reason ?? '', progress, bestCut, latencyP50];
}
