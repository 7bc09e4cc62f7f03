// The remote worker: runs the tail, or for a baseline the whole model, for one lane.
import { workerConfigSchema } from '../config.ts';
import { runWorker } from '../process.ts';
import { runRemote } from './remote.ts';

await runWorker('remote', workerConfigSchema, runRemote);
