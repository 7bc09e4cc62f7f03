import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { definition, fileName } from '../crds/definition.ts';
import { helm } from '../test/chart/helm.ts';

const root = join(import.meta.dirname, '..');
const chart = join(root, 'helm/splitlab');
const namespace = 'splitlab';

/** The custom resource's definition as the chart has it: kept when a release is uninstalled. */
export function chartDefinition(): string {
  const { apiVersion, kind, metadata, ...rest } = definition();
  const kept = { ...metadata, annotations: { 'helm.sh/resource-policy': 'keep' } };
  const head = '# Written by `node manifests/generate.ts` from the schemas in api/; do not edit.\n';
  return (
    head + stringify({ apiVersion, kind, metadata: kept, ...rest }, { lineWidth: 120, aliasDuplicateObjects: false })
  );
}

const head = `# Written by \`node manifests/generate.ts\` from helm/splitlab and manifests/values.yaml; do not edit.
# For trying: results live as long as the pod of NATS. See docs/operating.md.
apiVersion: v1
kind: Namespace
metadata:
  name: ${namespace}
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

/** The objects of an installation without helm, as YAML. */
export async function installManifest(): Promise<string> {
  const values = join(root, 'manifests/values.yaml');
  const text = await helm('template', 'splitlab', chart, '--namespace', namespace, '--values', values);
  // What says that helm looks after an object.
  const helms = /^\s+(helm\.sh\/\S+: .*|app\.kubernetes\.io\/managed-by: Helm)$/;
  const own = text.split('\n').filter((line) => !helms.test(line));
  return head + own.join('\n').replace(/^ {2}annotations:\n(?=\S| {2}\S)/gm, '');
}

/** Every file that is written here, by its path from the project's folder. */
export const files: Readonly<Record<string, () => Promise<string>>> = {
  [`helm/splitlab/files/${fileName}`]: async () => chartDefinition(),
  'manifests/install.yaml': installManifest,
};

if (import.meta.main) {
  for (const [path, content] of Object.entries(files)) await writeFile(join(root, path), await content());
}
