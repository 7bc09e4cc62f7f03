/** The operator as it is installed: as a process on a real control plane, and in pods of a real cluster. */
import { run as many } from './operator/many.ts';
import { run as inPods } from './operator/pods.ts';
import { run as restart } from './operator/restart.ts';
import { run as single } from './operator/single.ts';
import { print, type Row } from './row.ts';

export async function run(): Promise<Row[]> {
  return [...(await single()), ...(await many()), ...(await restart()), ...(await inPods())];
}

if (import.meta.main) print(await run());
