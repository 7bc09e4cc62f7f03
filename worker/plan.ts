import { expandPlan, type Plan } from '../api/plan/expand.ts';
import type { Experiment } from './experiment.ts';
import type { Inputs } from './input/inputs.ts';

/** The plan of an experiment, the same wherever it is computed. Throws `PlanTooLarge`. */
export async function planExperiment(
  { spec, model }: Experiment,
  inputs: Pick<Inputs, 'kind'>,
  modelDigest: string,
): Promise<Plan> {
  const { cuts, warnings } = await model(1);
  const { blocks, order, seed } = spec.measurement;
  const { baselines, codecs, links, batchSizes, transfer, lanes } = spec;
  const imageInputs = inputs.kind === 'Images';
  const factors = { cuts, baselines, codecs, links, batchSizes, transfer, lanes, blocks, order, seed };
  const plan = expandPlan({ modelDigest, imageInputs, ...factors });
  return { ...plan, warnings: [...warnings, ...plan.warnings] };
}
