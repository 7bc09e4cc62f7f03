/** The emulator as a process that its parent configures over IPC: `emulator-process.ts <upstream port> <alarm>`. */
import { linkProfileSchema } from '../../api/messages/link.ts';
import { startEmulator } from '../../worker/link/emulator.ts';
import { alarms } from './alarms.ts';

const host = '127.0.0.1';
const alarm = alarms[process.argv[3] ?? 'thread'];
if (alarm === undefined) throw new RangeError(`no alarm "${process.argv[3]}": ${Object.keys(alarms).join(', ')}`);
const emulator = await startEmulator({
  listen: { host, port: 0 },
  upstream: [{ host, port: Number(process.argv[2]) }],
  alarm,
});

process.on('disconnect', () => process.exit());
process.on('message', (message: { readonly profile?: unknown }) => {
  if ('profile' in message) emulator.configure(linkProfileSchema.parse(message.profile));
  process.send?.({ ...emulator.status(), cpuMicroseconds: cpuMicroseconds() });
});
process.send?.({ port: emulator.port });

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
