import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { withControlPlane } from '../test/cluster/testing.ts';

const { skip, plane } = await withControlPlane();
const file = join(import.meta.dirname, 'demo-jaeger.yaml');
const objectSchema = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
const templateSchema = z.looseObject({
  spec: z.looseObject({ template: z.looseObject({ metadata: z.looseObject({}) }) }),
});
const strict = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--warnings-as-errors'];

test('a real API server takes Jaeger for a demonstration, in a namespace of restricted pods', { skip }, async () => {
  const objects = parseAllDocuments(await readFile(file, 'utf8')).map((one) => objectSchema.parse(one.toJS()));
  const namespace = objects.find(({ kind }) => kind === 'Namespace');
  // What lies in a namespace is checked only where there is one.
  await plane().kubectl(['create', '--filename=-'], JSON.stringify(namespace));
  const said = await plane().kubectl([...strict, `--filename=${file}`]);
  assert.equal(said.trim().split('\n').length, objects.length, said);
  const { template } = templateSchema.parse(objects.find(({ kind }) => kind === 'Deployment')).spec;
  const metadata = { ...template.metadata, name: 'one', namespace: namespace?.metadata.name };
  await plane().kubectl(
    [...strict, '--filename=-'],
    JSON.stringify({ ...template, apiVersion: 'v1', kind: 'Pod', metadata }),
  );
});
