// The local worker: goes through the visits of one lane and runs heads and baselines.
import { catchStop } from '../stop.ts';

catchStop();
const [{ workerConfigIn }, { runWorker }, { runLocal }] = await Promise.all([
  import('../../api/worker-config.ts'),
  import('../process.ts'),
  import('./local.ts'),
]);
await runWorker('local', workerConfigIn(process.env), runLocal);
