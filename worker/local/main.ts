// The local worker: goes through the visits of one lane and runs heads and baselines.
import { workerConfigSchema } from '../config.ts';
import { runWorker } from '../process.ts';
import { runLocal } from './local.ts';

await runWorker('local', workerConfigSchema, runLocal);
