import { z } from 'zod';
import { type Condition, type ExperimentStatus, experimentStatusSchema } from '../status/status.ts';

const metadataSchema = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  /** When the object was made; null where it is gone. */
  creationTimestamp: z.string().nullable(),
  /** Whether the object is gone and its results were kept. */
  deleted: z.boolean(),
});
export type ResultsMetadata = z.output<typeof metadataSchema>;

/** One line of the list of experiments. */
export const experimentItemSchema = z.object({ metadata: metadataSchema, status: experimentStatusSchema.nullable() });
export type ExperimentItem = z.output<typeof experimentItemSchema>;

/** The body of `.../experiments`. */
export const experimentListSchema = z.object({ items: z.array(experimentItemSchema) });

/** A line of `.../follow`. */
export const followEventSchema = z.discriminatedUnion('type', [
  /** The experiment's status, at first and whenever it changes. */
  z.object({ type: z.literal('Status'), status: experimentStatusSchema.nullable() }),
  /** A record; `continue` is the place to go on from. */
  z.object({ type: z.literal('Record'), continue: z.string(), record: z.unknown() }),
  /** Nothing happened; the connection is alive. */
  z.object({ type: z.literal('Heartbeat') }),
  /** Nothing more will come: the condition `Succeeded`, or null where the object is gone. */
  z.object({ type: z.literal('End'), condition: experimentStatusSchema.shape.conditions.unwrap().element.nullable() }),
]);
export type FollowEvent = z.output<typeof followEventSchema>;

/** The condition `Succeeded` once it says how the experiment ended; null before. */
export function outcomeOf(status: ExperimentStatus | null): Condition | null {
  const succeeded = status?.conditions?.find(({ type }) => type === 'Succeeded');
  return succeeded && succeeded.status !== 'Unknown' ? succeeded : null;
}
