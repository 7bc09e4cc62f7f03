import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ProgramMissing } from '../../cli/programs/errors.ts';
import { debianPrograms } from '../cluster/programs/debian.ts';

export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

/** Prometheus and promtool: those on PATH, else of Debian's package. Throws `ProgramMissing`. */
export async function prometheusPrograms(): Promise<PrometheusPrograms> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const folder of folders) {
    const found = { prometheus: join(folder, 'prometheus'), promtool: join(folder, 'promtool') };
    const isThere = await Promise.all([access(found.prometheus), access(found.promtool)]).catch(() => null);
    if (isThere) return found;
  }
  const tree = await debianPrograms({ name: 'prometheus', program: 'prometheus', packages: ['prometheus'] });
  return { prometheus: join(tree, 'usr/bin/prometheus'), promtool: join(tree, 'usr/bin/promtool') };
}

/** For one test file: the programs, or why to skip. To be awaited outside of tests. */
export async function withPrometheus(): Promise<{
  readonly skip: string | false;
  readonly programs: PrometheusPrograms;
}> {
  try {
    return { skip: false, programs: await prometheusPrograms() };
  } catch (error) {
    if (!(error instanceof ProgramMissing)) throw error;
    return { skip: error.message, programs: { prometheus: '', promtool: '' } };
  }
}
