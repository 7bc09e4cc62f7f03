/** Told of what an informer goes through. */
export interface InformerMetrics {
  /** A watch of `resource` (its plural) ended: `Ended` after the time it was asked for, else with an error of this code. */
  watchEnded(resource: string, why: string): void;
}

export const noInformerMetrics: InformerMetrics = { watchEnded() {} };

/** The code of an error, in one word. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'Unknown';
}
