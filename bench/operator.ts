/** The operator as it is installed: as a process on a real control plane, and in pods of a real cluster. */

import { run as single } from './operator/single.ts';
import { print, type Row } from './row.ts';

export async function run(): Promise<Row[]> {
  return [...(await single())];
}

if (import.meta.main) print(await run());
