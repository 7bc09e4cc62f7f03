// The local worker: goes through the visits of one lane and runs heads and baselines.
import { workerConfigIn } from '../../api/worker-config.ts';
import { runWorker } from '../process.ts';
import { runLocal } from './local.ts';

await runWorker('local', workerConfigIn(process.env), runLocal);
