import { z } from 'zod';
import { monotonicMs } from '../measure/now.ts';

const ends = [
  'opened',
  'linkReady',
  'warmedUp',
  'clockBefore',
  'linkBefore',
  'repeated',
  'usageRead',
  'clockAfter',
  'linkAfter',
  'closed',
] as const;
const ms = z.number();

/** When the phases of a visit ended, in ms of the local worker's monotonic clock; absent: it did not come to it. */
export const phasesSchema = z.object({
  trialId: z.string(),
  startedMs: ms,
  /** What ONNX Runtime took on each side; both go on at the same time. */
  loadMs: z.object({ local: ms, remote: ms }).optional(),
  endedMs: z.partialRecord(z.enum(ends), ms),
});
export type Phases = z.infer<typeof phasesSchema>;

/** Notes the ends of phases, for the debug log: nothing is written while something is measured. */
export function phaseClock(trialId: string, now = monotonicMs) {
  const phases: Phases = { trialId, startedMs: now(), endedMs: {} };
  return {
    phases,
    ended(phase: (typeof ends)[number]) {
      phases.endedMs[phase] = now();
    },
  };
}
