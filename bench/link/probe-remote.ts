/** The remote half of the probe as a process: `probe-remote.ts <server url>`. */
import { connect } from 'nats';
import { serveProbe } from '../../worker/measure/probe.ts';

const connection = await connect({ servers: process.argv[2] ?? '', user: 'test', pass: 'test' });
serveProbe(connection, { up: 'bench.up', down: 'bench.down' });
await connection.flush();
process.on('disconnect', () => process.exit());
process.send?.({});
