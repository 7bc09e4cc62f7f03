import { z } from 'zod';
import { setList } from './lists.ts';
import { memberNamedByType, withRules } from './rules.ts';
import { integer, text } from './values.ts';

/** Where the model may be divided. */
export const cutsSchema = withRules(
  z.strictObject({
    selection: z
      .enum(['All', 'Named'])
      .default('All')
      .describe('All: one cut for each distinct set of tensors. Named: after each of the layers listed.'),
    layers: setList(text(256), { min: 1, max: 1024 })
      .optional()
      .describe('Names of layers; each stands for the last tensor of its layer, after the activation.'),
    maxTensors: integer(1, 64).default(1).describe('The most tensors that may cross a cut.'),
    maxCount: integer(1, 10_000)
      .default(200)
      .describe('The most cuts; of more, an even subset by multiply-adds is taken, with a warning.'),
  }),
  memberNamedByType({ Named: 'layers' }, { field: 'selection' }),
).describe('Where the model may be divided.');

export type Cuts = z.output<typeof cutsSchema>;
