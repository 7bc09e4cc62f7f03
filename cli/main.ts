import { Command, CommanderError, Option } from 'commander';
import { toolVersion } from '../api/version.ts';
import { ClusterError } from './cluster/errors.ts';
import { exitStatus, UsageError } from './errors.ts';
import { dimension, wholeNumber } from './options.ts';
import { addClusterCommands } from './results/commands.ts';
import { ProcessFailed } from './run/supervise.ts';
import { Interrupted, stopSignal } from './stop.ts';

const collect = (value: string, values: readonly string[]) => [...values, value];
const setOption = new Option('--set <path=value>', 'change a field of the manifest; may be repeated')
  .argParser(collect)
  .default([]);
const bindOption = new Option(
  '--bind <kind/name=dir>',
  'where a cluster source lies here: pvc/NAME=DIR, configmap/NAME=DIR, secret/NAME=DIR',
)
  .argParser(collect)
  .default([]);
/** kubectl starts a program of this name for `kubectl split`. */
const asPlugin = process.env.SPLITLAB_COMMAND === 'kubectl-split';
const io = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };

function program(): Command {
  const command = new Command(asPlugin ? 'kubectl split' : 'splitlab')
    .description('Measures where to cut a neural network between a device and a server')
    .version(toolVersion)
    .exitOverride();

  command
    .command('run <file>')
    .description('run the experiment of a manifest on this machine')
    .option('-o, --output <dir>', 'folder of the results (default: splitlab-results/<name>)')
    .option('--resume', 'finish the run that the output folder holds')
    .addOption(setOption)
    .addOption(bindOption)
    .option('--json', 'print one JSON object with the summary and the paths at the end')
    .action(async (file, options) => {
      const { runCommand } = await import('./run/run.ts');
      const stop = stopSignal();
      // Otherwise a manifest that is still to be typed would keep the command.
      stop.addEventListener('abort', () => process.stdin.destroy(), { once: true });
      process.exitCode = await runCommand(file, options, io, stop);
    });

  command
    .command('cuts <model>')
    .description('list every place where a model (a zoo name or an .onnx file) can be cut')
    .option('--max-tensors <n>', 'most tensors that may cross a cut', wholeNumber)
    .option('--batch-size <n>', 'inputs in a batch (default: 1)', wholeNumber)
    .option('--dimension <name=size>', 'size of another free dimension; may be repeated', dimension, {})
    .option('--json', 'print one JSON object')
    .action(async (model, { dimension: dimensions, ...options }) => {
      const { cutsCommand } = await import('./cuts.ts');
      const { modelPath } = await import('./model.ts');
      process.exitCode = await cutsCommand(model, { ...options, dimensions }, { ...io, resolveModel: modelPath });
    });

  command
    .command('validate <file>')
    .description('check a manifest and list all its mistakes; - reads it from stdin')
    .addOption(setOption)
    .addOption(bindOption)
    .option('--json', 'print one JSON object')
    .action(async (file, options) => {
      const { validateCommand } = await import('./validate.ts');
      process.exitCode = await validateCommand(file, options, io);
    });

  if (!asPlugin) {
    command
      .command('trace <id>')
      .description('show where the time of one inference went: by trace id, by visit id, or best')
      .option('-o, --output <dir>', 'folder of the run (default: the newest below splitlab-results)')
      .option('--slowest', 'of a visit the slowest inference instead of the median')
      .option('--link <name>', 'the best over this link')
      .option('--json', 'print one JSON object')
      .action(async (id, { output, ...options }) => {
        const [{ traceCommand }, { openFolder }] = await Promise.all([
          import('./trace/trace.ts'),
          import('./trace/folder.ts'),
        ]);
        const source = await openFolder(output, stopSignal());
        process.exitCode = await traceCommand(source, { id, ...options }, io);
      });
  }

  addClusterCommands(command, asPlugin);
  return command;
}

// A reader that has seen enough (`| head`) closes the pipe; nothing is wrong then.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.on('uncaughtException', (error) => process.exit(report(error)));

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong on stderr; the exit status that stands for it. */
function report(error: unknown): number {
  // Commander has said it itself; its help and version are no mistakes.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
  if (error instanceof Interrupted) return error.exitStatus;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  io.stderr.write(`${asPlugin ? 'kubectl split' : 'splitlab'}: ${message}\n`);
  if (error instanceof ClusterError && error.code === 'NotFound') return exitStatus.usage;
  if (error instanceof UsageError || (error instanceof ProcessFailed && error.fatal)) return exitStatus.usage;
  if (process.env.SPLITLAB_DEBUG) io.stderr.write(`${stack}\n`);
  return exitStatus.failed;
}
