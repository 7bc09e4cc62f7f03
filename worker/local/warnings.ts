import type { Measurement } from './measure.ts';

/** What a reader of a record must know before trusting its figures. */
export function warningsOf(measured: Pick<Measurement, 'stoppedBy' | 'repetitions' | 'local' | 'remote'>): string[] {
  const warnings: string[] = [];
  if (measured.stoppedBy === 'TimeLimit') {
    warnings.push(`stopped by measurement.timeLimit after ${measured.repetitions.length} repetitions`);
  }
  for (const side of ['local', 'remote'] as const) {
    const seconds = measured[side]?.throttledSeconds ?? 0;
    if (seconds === 0) continue;
    const remedy = `raise spec.${side}.resources.limits.cpu`;
    warnings.push(`a CPU quota held the ${side} worker back for ${seconds.toFixed(3)} s; ${remedy}`);
  }
  return warnings;
}
