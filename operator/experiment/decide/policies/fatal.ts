import { reasonOfFatalCode } from '../../../../api/status/reasons.ts';
import type { Policy } from '../draft.ts';
import { finish } from '../finish.ts';
import { currentPod, sides } from '../lanes.ts';
import { podState } from '../pod-state.ts';

/** An error that another start cannot cure ends the experiment with its code as the reason. */
export const fatal: Policy = (observed, draft) => {
  const { status, experiment, pods } = observed;
  for (const lane of status.lanes ?? []) {
    for (const side of sides) {
      const { name } = currentPod(experiment.name, lane, side);
      const pod = pods.find(({ metadata }) => metadata.name === name);
      const state = pod && podState(pod);
      if (state?.state !== 'Ended' || !state.fatal) continue;
      const { code, message } = state.fatal;
      const reason = reasonOfFatalCode(code);
      const said = reason === 'WorkerFailed' ? `${code}: ${message}` : message;
      return finish(observed, draft, reason, `${said} (pod ${name})`);
    }
  }
  return draft;
};
