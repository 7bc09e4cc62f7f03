import { type Command, Option } from 'commander';
import type { ClusterOptions } from '../cluster/api-server.ts';
import type { Reach } from '../cluster/ask.ts';
import type { ResultsApiOptions } from '../cluster/results-api.ts';
import { stopSignal } from '../stop.ts';
import type { ListOptions } from './list.ts';
import type { ResultsOptions } from './results.ts';

type ReachOptions = ClusterOptions & ResultsApiOptions;
interface TraceOptions {
  readonly slowest?: boolean;
  readonly link?: string;
  readonly json?: boolean;
}
interface UidOption {
  readonly uid?: string;
}

const io = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };

/**
 * Adds the commands about experiments in a cluster: results, watch, list, purge, and for the plugin trace, which is about
 * local runs otherwise.
 */
export function addClusterCommands(program: Command, asPlugin: boolean): void {
  clusterCommand(program, 'results <name>', 'print what an experiment in a cluster has measured')
    .addOption(
      new Option('--format <format>', 'what to print')
        .choices(['table', 'jsonl', 'samples', 'summary', 'json'])
        .default('table'),
    )
    .option('-o, --output <file>', 'write to a file')
    .option('--uid <uid>', 'the one of this name with this uid, also where the object is gone')
    .action(async (name: string, options: ReachOptions & ResultsOptions & UidOption) => {
      const signal = stopSignal();
      const { resultsCommand } = await import('./results.ts');
      const { reach, namespace } = await open(options);
      process.exitCode = await resultsCommand(reach, subject(namespace, name, options), options, io, signal);
    });

  clusterCommand(program, 'watch <name>', 'follow an experiment in a cluster until it has ended').action(
    async (name: string, options: ReachOptions) => {
      const signal = stopSignal();
      const { watchCommand } = await import('./watch.ts');
      const { namespace } = await server(options);
      const again = async () => (await open(options)).reach;
      process.exitCode = await watchCommand(again, { namespace, name }, io, signal);
    },
  );

  clusterCommand(program, 'list', 'list the experiments of a namespace')
    .option('-A, --all-namespaces', 'those of all namespaces')
    .option('--deleted', 'those whose objects are gone and whose results were kept')
    .option('--json', 'print one JSON object')
    .action(async (options: ReachOptions & ListOptions) => {
      const signal = stopSignal();
      const { listCommand } = await import('./list.ts');
      const { reach, namespace } = await open(options);
      process.exitCode = await listCommand(reach, namespace, options, io, signal);
    });

  clusterCommand(program, 'purge <name>', 'remove the results that an experiment left when its object was deleted')
    .option('--uid <uid>', 'the one with this uid, where several had the name')
    .action(async (name: string, options: ReachOptions & UidOption) => {
      const signal = stopSignal();
      const { purgeCommand } = await import('./purge.ts');
      const { reach, namespace } = await open(options);
      process.exitCode = await purgeCommand(reach, subject(namespace, name, options), io, signal);
    });

  if (!asPlugin) return;
  clusterCommand(program, 'trace <name> [id]', 'show where the time of one inference went (default: of the best)')
    .option('--slowest', 'of a visit the slowest inference instead of the median')
    .option('--link <name>', 'the best over this link')
    .option('--uid <uid>', 'the one of this name with this uid, also where the object is gone')
    .option('--json', 'print one JSON object')
    .action(async (name: string, id: string | undefined, options: ReachOptions & TraceOptions & UidOption) => {
      const signal = stopSignal();
      const [{ traceCommand }, { experimentSource }] = await Promise.all([
        import('../trace/trace.ts'),
        import('../trace/cluster.ts'),
      ]);
      const { reach, namespace } = await open(options);
      const source = experimentSource(reach, subject(namespace, name, options), signal);
      const { slowest, link, json } = options;
      const wanted = { ...(slowest && { slowest }), ...(link !== undefined && { link }), ...(json && { json }) };
      process.exitCode = await traceCommand(source, { id: id ?? 'best', ...wanted }, io);
    });
}

function clusterCommand(program: Command, usage: string, description: string): Command {
  return program
    .command(usage)
    .description(description)
    .option('-n, --namespace <namespace>', "namespace of the experiment (default: the context's)")
    .option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--operator-namespace <namespace>', 'where the operator runs', 'splitlab')
    .addOption(
      new Option('--via <road>', 'how to reach the operator (default: PortForward, else ServiceProxy)').choices([
        'PortForward',
        'ServiceProxy',
      ]),
    )
    .option('--service-account <name>', 'ask as this service account of the namespace, by a token made for it')
    .option('--token <token>', "ask with this token instead of the kubeconfig's");
}

async function server(options: ClusterOptions) {
  const { openApiServer } = await import('../cluster/api-server.ts');
  return openApiServer(options);
}

async function open(options: ReachOptions): Promise<{ reach: Reach; namespace: string }> {
  const { openResultsApi } = await import('../cluster/results-api.ts');
  const api = await server(options);
  return { reach: { server: api, results: await openResultsApi(api, options) }, namespace: api.namespace };
}

function subject(namespace: string, name: string, { uid }: UidOption) {
  return { namespace, name, ...(uid !== undefined && { uid }) };
}
