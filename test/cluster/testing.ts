import { after } from 'node:test';
import { type Cluster, type ClusterOptions, startCluster } from './cluster.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts';
import { ProgramMissing } from './programs/errors.ts';
import { NodesUnsupported } from './requirements.ts';

/** What a test file shares, or why this machine has it not: for a test's `skip`. `value` throws where there is none. */
interface Shared<T> {
  readonly skip: string | false;
  readonly value: () => T;
}

/** A control plane for one test file, stopped after its last test. To be awaited outside of tests. */
export async function withControlPlane(
  options: ControlPlaneOptions = {},
): Promise<{ readonly skip: string | false; readonly plane: () => ControlPlane }> {
  const { skip, value } = await shared(() => startControlPlane(options));
  return { skip, plane: value };
}

/** A cluster with nodes for one test file, stopped after its last test. To be awaited outside of tests. */
export async function withCluster(
  options: () => Promise<ClusterOptions>,
): Promise<{ readonly skip: string | false; readonly cluster: () => Cluster }> {
  const { skip, value } = await shared(async () => startCluster(await options()));
  return { skip, cluster: value };
}

async function shared<T extends AsyncDisposable>(start: () => Promise<T>): Promise<Shared<T>> {
  try {
    const value = await start();
    after(() => value[Symbol.asyncDispose]());
    return { skip: false, value: () => value };
  } catch (error) {
    if (!(error instanceof ProgramMissing || error instanceof NodesUnsupported)) throw error;
    return {
      skip: error.message,
      value: () => {
        throw error;
      },
    };
  }
}
