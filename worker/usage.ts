import type { Usage } from '../api/record/record.ts';
import { startUsage } from './measure/usage.ts';

/** Counts what this process uses during a visit, as the record wants it. */
export interface VisitUsage {
  start(): void;
  /** What was used since `start`; null without one. Memory is this process's peak. */
  stop(): Usage | null;
}

export function visitUsage(memoryTotalBytes: number | null): VisitUsage {
  let meter: ReturnType<typeof startUsage> | null = null;
  return {
    start() {
      meter?.[Symbol.dispose]();
      meter = startUsage();
    },
    stop() {
      const used = meter?.stop() ?? null;
      meter = null;
      if (!used) return null;
      const { wallSeconds: _, ...rest } = used;
      return { ...rest, memoryTotalBytes, gpuUtilization: null, gpuMemoryPeakBytes: null };
    },
  };
}
