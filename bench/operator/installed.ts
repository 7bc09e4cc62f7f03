import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parse, type Rendered } from '../../test/chart/rendered.ts';

/** What manifests/install.yaml says of the operator. */
export interface Installed {
  /** Its namespace, service account and rights. */
  readonly objects: readonly Rendered[];
  /** Its configuration file. */
  readonly config: Readonly<Record<string, unknown>>;
}

export const operatorNamespace = 'splitlab';
export const serviceAccount = 'splitlab-operator';

const kinds = ['Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];
const configMapSchema = z.object({ data: z.object({ 'operator.json': z.string() }) });

export async function readInstalled(): Promise<Installed> {
  const all = parse(await readFile(new URL('../../manifests/install.yaml', import.meta.url), 'utf8'));
  const one = (kind: string) => all.find((item) => item.kind === kind && item.metadata.name === 'splitlab-operator');
  const { data } = configMapSchema.parse(one('ConfigMap'));
  return {
    objects: all.filter(({ kind }) => kinds.includes(kind)),
    config: z.record(z.string(), z.unknown()).parse(JSON.parse(data['operator.json'])),
  };
}
