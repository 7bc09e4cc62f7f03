import type { Policy } from '../draft.ts';
import { finish } from '../finish.ts';

/** After the start, what is measured must stay what it was; a rule of the CRD sees most changes, this sees the rest. */
export const unchanged: Policy = (observed, draft) => {
  const { spec, status } = observed;
  if (!spec.ok || status.specDigest === undefined || status.specDigest === spec.digest) return draft;
  return finish(observed, draft, 'SpecChanged');
};
