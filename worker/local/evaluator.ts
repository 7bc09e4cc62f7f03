import { decimalToNumber, parseDecimal } from '../../api/decimal.ts';
import type { Codec } from '../../api/manifest/codec.ts';
import type { Trial } from '../../api/plan/trial.ts';
import { formatTraceparent, newTrace } from '../../api/trace/context.ts';
import { openPart } from '../experiment.ts';
import { compareOutputs } from '../inference/check.ts';
import type { Session } from '../inference/session.ts';
import { inputTensors } from '../input/inputs.ts';
import type { Tensor } from '../tensor.ts';
import type { Exchange } from '../transport/exchange.ts';
import { type Evaluation, evaluate, evaluationKey, evaluationSchema } from './evaluation.ts';
import { travel } from './journey.ts';
import type { Lane } from './lane.ts';

/** Finds, once per cut and codec, what dividing and encoding do to the outputs. */
export interface Evaluator {
  /** Sends all inputs over the control connection unless an evaluation is stored already. */
  evaluation(trial: Trial, sharedHost: boolean, signal: AbortSignal): Promise<Evaluation>;
}

/** Inputs that exactness is checked on: what crosses a cut is kept in memory for all of them. */
const exactnessInputs = 8;
const timeoutMs = 600_000;

export function createEvaluator(lane: Lane, exchange: Exchange): Evaluator {
  const { experiment, inputs, store, names } = lane;
  let references: Promise<Tensor[][]> | null = null;
  const known = new Map<string, Evaluation>();
  const keyOf = (trial: Pick<Trial, 'cut' | 'codec'>) => evaluationKey(trial, inputs.digest);

  async function load(): Promise<void> {
    for (const { subject, value } of await store.read('records', names.allEvaluations)) {
      known.set(subject.slice(subject.lastIndexOf('.') + 1), evaluationSchema.parse(value));
    }
  }
  const loaded = load();
  loaded.catch(() => {});

  return {
    async evaluation(trial, sharedHost, signal) {
      await loaded;
      const found = known.get(keyOf(trial));
      if (found) return found;
      references ??= runWhole(lane, sharedHost, signal);
      references.catch(() => {
        references = null;
      });
      const context = {
        inputs,
        classNames: experiment.classNames,
        labels: experiment.labels,
        weights: lane.config.model.weights,
        references: await references,
      };
      if (trial.cut.kind === 'LocalOnly') {
        return keep(trial, { exactness: null, output: evaluate(context, context.references) });
      }
      const exactness =
        trial.cut.kind === 'Cut' ? await exactnessOf(lane, trial, context.references, sharedHost, signal) : null;
      const session = trial.cut.kind === 'Cut' ? await openHead(lane, trial, sharedHost, signal) : null;
      try {
        const { kind } = trial.cut;
        const tensors = trial.cut.tensors.map(({ name }) => name);
        await lane.remote.prepare({ kind, tensors, batchSize: 1, sharedHost });
        // All codecs of the cut while its sessions are open.
        for (const codec of codecsOf(lane, trial)) {
          const outputs = await sendAll(lane, { ...trial, codec }, session, exchange, signal);
          await keep({ ...trial, codec }, { exactness, output: evaluate(context, outputs) });
        }
      } finally {
        await session?.close();
      }
      const evaluation = known.get(keyOf(trial));
      if (!evaluation) throw new Error(`trial ${trial.trialId} was not evaluated`);
      return evaluation;
    },
  };

  async function keep(trial: Pick<Trial, 'cut' | 'codec'>, evaluation: Evaluation): Promise<Evaluation> {
    await store.createOnly(names.evaluation(keyOf(trial)), evaluation);
    known.set(keyOf(trial), evaluation);
    return evaluation;
  }
}

/** Outputs of the undivided model on the local side, for every input. */
async function runWhole(lane: Lane, sharedHost: boolean, signal: AbortSignal): Promise<Tensor[][]> {
  const part = { kind: 'LocalOnly', tensors: [], side: 'local' } as const;
  await using session = await openPart(lane.experiment, part, 1, sessionOptions(lane, sharedHost, signal));
  return await runAll(session, lane.inputs.items.length, (index) => inputTensors(lane.inputs, index));
}

/** Head and tail one after the other on the local side, on the same provider, compared with the undivided model. */
async function exactnessOf(
  lane: Lane,
  { cut }: Trial,
  references: readonly (readonly Tensor[])[],
  sharedHost: boolean,
  signal: AbortSignal,
): Promise<Evaluation['exactness']> {
  const options = sessionOptions(lane, sharedHost, signal);
  const tensors = cut.tensors.map(({ name }) => name);
  const count = Math.min(lane.inputs.items.length, exactnessInputs);
  const run = async (side: 'local' | 'remote', feeds: (index: number) => Promise<readonly Tensor[]>) => {
    await using session = await openPart(lane.experiment, { kind: 'Cut', tensors, side }, 1, options);
    return await runAll(session, count, feeds);
  };
  const crossing = await run('local', (index) => inputTensors(lane.inputs, index));
  const outputs = await run('remote', async (index) => crossing[index] ?? []);
  const tolerance = decimalToNumber(parseDecimal(lane.experiment.spec.tolerance.outputDifference));
  const compared = outputs.map((output, index) => compareOutputs(output, references[index] ?? [], tolerance));
  const differences = compared.map(({ maxAbsoluteDifference }) => maxAbsoluteDifference).filter((one) => one !== null);
  return {
    withinTolerance: compared.every(({ withinTolerance }) => withinTolerance),
    maxAbsoluteDifference: differences.length > 0 ? Math.max(...differences) : null,
  };
}

/** Copies of the outputs: a session uses their memory again. */
async function runAll(
  session: Session,
  count: number,
  feeds: (index: number) => Promise<readonly Tensor[]>,
): Promise<Tensor[][]> {
  const all: Tensor[][] = [];
  for (let index = 0; index < count; index++) {
    const { outputs } = await session.run(await feeds(index));
    all.push(outputs.map((tensor) => ({ ...tensor, data: tensor.data.slice() })));
  }
  return all;
}

async function sendAll(
  lane: Lane,
  trial: Trial,
  session: Session | null,
  exchange: Exchange,
  signal: AbortSignal,
): Promise<(readonly Tensor[])[]> {
  const { cut, codec, transfer } = trial;
  const { inputs, experiment } = lane;
  const crossing = cut.tensors.map(({ name }) => name);
  const route = {
    kind: cut.kind,
    codec,
    transfer,
    batchSize: 1,
    inputs,
    session,
    crossing,
    exchange,
    labels: experiment.labels,
  };
  const outputs: (readonly Tensor[])[] = [];
  for (let index = 0; index < inputs.items.length; index++) {
    const traceparent = formatTraceparent(newTrace(false));
    const arrival = await travel(route, { index, outputs: 'Tensors', traceparent, resend: true, timeoutMs, signal });
    outputs.push(arrival.outputs);
  }
  return outputs;
}

function openHead(lane: Lane, { cut }: Trial, sharedHost: boolean, signal: AbortSignal): Promise<Session> {
  const part = { kind: cut.kind, tensors: cut.tensors.map(({ name }) => name), side: 'local' } as const;
  return openPart(lane.experiment, part, 1, sessionOptions(lane, sharedHost, signal));
}

function sessionOptions({ experiment }: Lane, sharedHost: boolean, signal: AbortSignal) {
  return { worker: experiment.spec.local, sharedHost, signal };
}

function codecsOf({ plan }: Lane, { cut }: Trial): (Codec | null)[] {
  const same = plan.trials.filter(
    (trial) => trial.cut === cut || (trial.cut.kind !== 'Cut' && trial.cut.kind === cut.kind),
  );
  return [...new Map(same.map(({ codec }) => [JSON.stringify(codec), codec])).values()];
}
