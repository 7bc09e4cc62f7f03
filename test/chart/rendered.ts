import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { helm } from './helm.ts';

export const chart = join(import.meta.dirname, '../../helm/splitlab');
export const namespace = 'splitlab';

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
export type Rendered = z.infer<typeof objectSchema>;

/** The chart's objects with these arguments to helm (`--set`, `--values`). Throws `CommandFailed` with helm's words. */
export async function render(...args: readonly string[]): Promise<Rendered[]> {
  return parse(await helm('template', 'splitlab', chart, '--namespace', namespace, ...args));
}

/** The objects of a YAML text. */
export function parse(text: string): Rendered[] {
  return parseAllDocuments(text).flatMap((document) => {
    const value: unknown = document.toJS();
    return value === null ? [] : [objectSchema.parse(value)];
  });
}
