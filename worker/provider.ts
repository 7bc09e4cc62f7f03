import type { WorkerSpec } from '../api/manifest/worker.ts';
import type { Side } from '../api/subjects.ts';
import { FatalError } from './fatal.ts';
import { ExecutionProviderUnavailableError, SessionOptionError } from './inference/errors.ts';
import { openSession } from './inference/session.ts';
import { encodeSingleNodeModel } from './inference/single-node-model.ts';

const value = (name: string) => ({ name, elementType: 1, shape: [1] });

/** Makes sure that a side's execution provider works here, before anything is measured with another one. */
export async function checkProvider(worker: WorkerSpec, side: Side): Promise<void> {
  try {
    const session = await openSession({
      model: encodeSingleNodeModel({ operator: 'Relu', inputs: [value('x')], outputs: [value('y')] }),
      executionProvider: worker.executionProvider,
      device: worker.device,
      threads: 1,
      spinning: false,
      optimization: worker.session.optimization,
      providerOptions: worker.session.providerOptions,
    });
    await session.close();
  } catch (error) {
    if (error instanceof ExecutionProviderUnavailableError || error instanceof SessionOptionError) {
      throw new FatalError('ProviderUnavailable', `spec.${side}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
