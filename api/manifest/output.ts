import { z } from 'zod';
import { integer } from './values.ts';

/** What becomes of the model's output. */
export const outputSchema = z
  .strictObject({
    decode: z
      .enum(['Classification', 'None'])
      .optional()
      .describe(
        'Classification: the likeliest labels, with a softmax only where the rows do not sum to 1. None: tensors as they are. Absent: Classification for the zoo, else None.',
      ),
    topK: integer(1, 1000).default(3).describe('How many labels are given.'),
    at: z
      .enum(['Local', 'Remote'])
      .default('Local')
      .describe('Where the output is decoded. Remote: only labels come back. Local: the output tensors come back.'),
  })
  .describe("What becomes of the model's output.");

export type Output = z.output<typeof outputSchema>;
