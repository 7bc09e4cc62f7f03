import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { definition, fileName } from './definition.ts';

const head = '# Written by `node crds/generate.ts` from the schemas in api/manifest and api/status; do not edit.\n';

/** The file of the definition, as it is committed. */
export function definitionYaml(): string {
  return head + stringify(definition(), { lineWidth: 120, aliasDuplicateObjects: false });
}

if (import.meta.main) await writeFile(new URL(fileName, import.meta.url), definitionYaml());
