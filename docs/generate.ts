import { writeFile } from 'node:fs/promises';
import { decisionsPage } from './decisions/list.ts';
import { conditionsPage } from './reference/conditions.ts';
import { manifestPage } from './reference/manifest.ts';
import { recordPage } from './reference/record.ts';
import { statusPage } from './reference/status.ts';
import { telemetryPage } from './reference/telemetry.ts';

/** The pages that are written from schemas and titles, by their path from this folder. */
export const pages: Readonly<Record<string, () => string>> = {
  'decisions/README.md': decisionsPage,
  'reference/conditions.md': conditionsPage,
  'reference/manifest.md': manifestPage,
  'reference/record.md': recordPage,
  'reference/status.md': statusPage,
  'reference/telemetry.md': telemetryPage,
};

if (import.meta.main) {
  for (const [path, page] of Object.entries(pages)) await writeFile(new URL(path, import.meta.url), page());
}
