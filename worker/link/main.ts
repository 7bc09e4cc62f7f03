// The link emulator: what data connections go through on their way to NATS.
import { catchStop } from '../stop.ts';

catchStop();
const [{ linkConfigIn }, { runWorker }, { runLink }] = await Promise.all([
  import('../../api/worker-config.ts'),
  import('../process.ts'),
  import('./link.ts'),
]);
await runWorker('link', linkConfigIn(process.env), runLink);
