import { z } from 'zod';
import { monotonicMs } from '../measure/now.ts';

/** In the order of time. */
export const phaseEnds = [
  'ready',
  'evaluated',
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
  'stored',
] as const;
export type PhaseEnd = (typeof phaseEnds)[number];
const ms = z.number();

/** When the phases of an attempt ended, in ms of the local worker's monotonic clock; absent: it did not come to it. */
export const phasesSchema = z.object({
  trialId: z.string(),
  startedMs: ms,
  /** What ONNX Runtime took on each side; both go on at the same time. */
  loadMs: z.object({ local: ms, remote: ms }).optional(),
  /** When each side had its session, as the local worker came to know it; absent: it opened none. */
  loadedMs: z.object({ local: ms.optional(), remote: ms.optional() }).optional(),
  /** When the phase failed that is the first without an end. */
  failedMs: ms.optional(),
  endedMs: z.partialRecord(z.enum(phaseEnds), ms),
});
export type Phases = z.infer<typeof phasesSchema>;

/** Notes the ends of phases, for the debug log and traces: nothing is written while something is measured. */
export interface PhaseClock {
  readonly phases: Phases;
  ended(phase: PhaseEnd): void;
  /** The first call counts: what follows is the tidying up. */
  failed(): void;
}

export function phaseClock(trialId: string, now = monotonicMs): PhaseClock {
  const phases: Phases = { trialId, startedMs: now(), endedMs: {} };
  return {
    phases,
    ended(phase) {
      phases.endedMs[phase] = now();
    },
    failed() {
      phases.failedMs ??= now();
    },
  };
}
