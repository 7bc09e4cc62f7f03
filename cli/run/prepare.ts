import { canonicalJson } from '../../api/canonical.ts';
import type { Manifest } from '../../api/manifest/manifest.ts';
import type { Plan } from '../../api/plan/expand.ts';
import { sha256 } from '../../api/plan/trial.ts';
import type { LocatedModel } from '../../api/worker-config.ts';
import { FatalError } from '../../worker/fatal.ts';
import { prepareModel, preparePlan } from '../../worker/prepare.ts';
import { checkProvider } from '../../worker/provider.ts';
import type { Places } from '../../worker/resolve.ts';
import { UsageError } from '../errors.ts';

/** An experiment that is known to be possible: its model was found and read, its inputs too. */
export interface Prepared {
  readonly manifest: Manifest;
  readonly model: LocatedModel;
  readonly plan: Plan;
  /** Equal for equal experiments: manifest with defaults, model and inputs. */
  readonly digest: string;
}

/** Finds everything that is wrong before a process is started. Throws `UsageError` for what the user can mend. */
export async function prepareRun(written: Manifest, places: Places): Promise<Prepared> {
  try {
    for (const side of ['local', 'remote'] as const) await checkProvider(written.spec[side], side);
    const prepared = await prepareModel(written, null, places);
    const { inputs, plan } = await preparePlan(prepared, places, { decodeImages: true });
    const { manifest, model } = prepared;
    const digest = sha256(canonicalJson({ manifest, model: model.digest, inputs: inputs.digest }));
    return { manifest, model, plan, digest };
  } catch (error) {
    // A server that is away is no mistake of whoever named it.
    if (error instanceof FatalError && error.code !== 'FetchFailed')
      throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
