import { after } from 'node:test';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts';
import { ProgramMissing } from './programs/errors.ts';

export interface TestControlPlane {
  /** Why there is none on this machine: for a test's `skip`. False when there is one. */
  readonly skip: string | false;
  /** Throws where there is none. */
  readonly plane: () => ControlPlane;
}

/** A control plane for one test file, stopped after its last test. To be awaited outside of tests. */
export async function withControlPlane(options: ControlPlaneOptions = {}): Promise<TestControlPlane> {
  try {
    const plane = await startControlPlane(options);
    after(() => plane.stop());
    return { skip: false, plane: () => plane };
  } catch (error) {
    if (!(error instanceof ProgramMissing)) throw error;
    return {
      skip: error.message,
      plane: () => {
        throw error;
      },
    };
  }
}
