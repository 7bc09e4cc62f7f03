// A receiver of OTLP in a process of its own: tells its address, then on any message how many spans it has had.
import { startOtlpReceiver } from '../../test/support/otlp.ts';

const receiver = await startOtlpReceiver();
process.on('message', async () => process.send?.({ spans: (await receiver.spans()).length }));
process.on('disconnect', () => process.exit());
process.send?.({ endpoint: receiver.endpoints.HttpProtobuf });
