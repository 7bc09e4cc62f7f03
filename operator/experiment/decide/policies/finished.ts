import { type Policy, removeAllPods } from '../draft.ts';

/** An experiment that is over needs no pods, and nothing else ever again. */
export const finished: Policy = (observed, draft) =>
  observed.status.completionTime === undefined ? draft : { ...removeAllPods(observed, draft), done: true };
