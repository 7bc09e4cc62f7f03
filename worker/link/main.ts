// The link emulator: what data connections go through on their way to NATS.
import { linkConfigIn } from '../../api/worker-config.ts';
import { runWorker } from '../process.ts';
import { runLink } from './link.ts';

await runWorker('link', linkConfigIn(process.env), runLink);
