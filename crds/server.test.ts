// What the definition does in a real API server. The cases share one, so they stand in one process.
import './cases/kubectl.ts';
import './cases/status.ts';
import './cases/rules.ts';
import './cases/agreement.ts';
import './cases/immutable.ts';
