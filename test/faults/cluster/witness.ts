import assert from 'node:assert/strict';
import { findCondition } from '../../../api/status/conditions.ts';
import { readStatus } from '../../../api/status/status.ts';
import type { Informer } from '../../../operator/runtime/informer/informer.ts';
import type { Stored } from '../../../operator/runtime/objects.ts';
import type { SplitExperimentObject } from '../../../operator/runtime/resources.ts';

/** Looks at every status that an experiment has. */
export interface Witness extends Disposable {
  /** Fails where the end was taken back, or visits that were counted are not any more. */
  assertOnlyForward(): void;
}

export function watchStatus(experiments: Pick<Informer<SplitExperimentObject>, 'addHandler'>, uid: string): Witness {
  const problems: string[] = [];
  let final: string | null = null;
  let counted = 0;
  const see = ({ metadata, status }: Stored<SplitExperimentObject>) => {
    if (metadata.uid !== uid) return;
    const { conditions, visits, completionTime } = readStatus(status);
    const { status: succeeded = 'absent', reason } = findCondition(conditions, 'Succeeded') ?? {};
    const now = `${succeeded} ${reason} ${completionTime}`;
    if (final !== null && now !== final) problems.push(`${now} after ${final}`);
    if (completionTime !== undefined) final = now;
    const done = (visits?.completed ?? 0) + (visits?.rejected ?? 0) + (visits?.failed ?? 0);
    if (done < counted) problems.push(`${done} visits are final after ${counted} were`);
    counted = done;
  };
  const deaf = experiments.addHandler({ onAdd: see, onUpdate: (_old, object) => see(object) });
  return {
    assertOnlyForward: () => assert.deepEqual(problems, []),
    [Symbol.dispose]: deaf,
  };
}
