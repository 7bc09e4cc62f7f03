import { after } from 'node:test';
import { ProgramMissing } from '../../cli/programs/errors.ts';
import { type Cluster, type ClusterOptions, startCluster } from './cluster.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts';
import { isClusterGiven, type UsableCluster, useGivenCluster } from './given.ts';
import { NodesUnsupported, requireNodes } from './requirements.ts';

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

export interface TestCluster {
  /** Why there is no cluster at all. */
  readonly skip: string | false;
  /** Why there is none whose nodes and control plane a test may break: for tests of faults. */
  readonly skipFaults: string | false;
  readonly cluster: () => UsableCluster;
  /** The same cluster, when it was started for this test. */
  readonly own: () => Cluster;
}

/**
 * A cluster with nodes for one test file, stopped after its last test; with `SPLITLAB_TEST_CLUSTER=given` that of the
 * user's KUBECONFIG, which must have the images. To be awaited outside of tests.
 */
export async function withCluster(options: () => Promise<ClusterOptions>): Promise<TestCluster> {
  if (isClusterGiven()) {
    const { skip, value } = await shared(useGivenCluster);
    const reason = 'this needs a cluster that it may break, and the one of KUBECONFIG is somebody’s own';
    const { crds } = await options();
    if (crds && skip === false) await value().applyCrds(crds);
    return {
      skip,
      skipFaults: reason,
      cluster: value,
      own: () => {
        throw new Error(reason);
      },
    };
  }
  const { skip, value } = await shared(async () => {
    // Before images are built for nodes that there cannot be.
    await requireNodes();
    return startCluster(await options());
  });
  return { skip, skipFaults: skip, cluster: value, own: value };
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
