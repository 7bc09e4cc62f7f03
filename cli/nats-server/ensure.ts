// Makes sure that there is a NATS server, building it where there is none, so that a first run need not.
import { findNatsServer } from './binary.ts';

try {
  await findNatsServer({ log: (line) => process.stderr.write(`${line}\n`) });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 3;
}
