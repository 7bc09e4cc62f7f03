// The remote worker: runs the tail, or for a baseline the whole model, for one lane.
import { workerConfigIn } from '../../api/worker-config.ts';
import { runWorker } from '../process.ts';
import { runRemote } from './remote.ts';

await runWorker('remote', workerConfigIn(process.env), runRemote);
