// The remote worker: runs the tail, or for a baseline the whole model, for one lane.
import { catchStop } from '../stop.ts';

catchStop();
const [{ workerConfigIn }, { runWorker }, { runRemote }] = await Promise.all([
  import('../../api/worker-config.ts'),
  import('../process.ts'),
  import('./remote.ts'),
]);
await runWorker('remote', workerConfigIn(process.env), runRemote);
