import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const chart = join(import.meta.dirname, '../../helm/splitlab');
export const rulesFile = join(chart, 'alerts/splitlab.yaml');
const dashboardFile = join(chart, 'dashboards/splitlab.json');

const texts = z.record(z.string(), z.string());
const ruleSchema = z.object({ alert: z.string(), expr: z.string(), labels: texts, annotations: texts });
const rulesSchema = z.object({ groups: z.array(z.object({ rules: z.array(ruleSchema) })) });
const targetSchema = z.object({ expr: z.string() });
const panelSchema = z.object({ title: z.string(), type: z.string(), targets: z.array(targetSchema).default([]) });
const dashboardSchema = z.object({ panels: z.array(panelSchema) });

/** The alerts of the chart. */
export async function readRules(): Promise<readonly z.infer<typeof ruleSchema>[]> {
  const { groups } = rulesSchema.parse(parse(await readFile(rulesFile, 'utf8')));
  return groups.flatMap(({ rules }) => rules);
}

/** What the panels of the dashboard ask, rates over `interval`, by the panel's title. */
export async function readQueries(
  interval: string,
): Promise<readonly { readonly title: string; readonly query: string }[]> {
  const { panels } = dashboardSchema.parse(JSON.parse(await readFile(dashboardFile, 'utf8')));
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ title, query: expr.replaceAll('$__rate_interval', interval) })),
  );
}

/** An alert's expression without what its values are compared with, of what it hopes to find, over a range that a test can wait for. */
export function withoutThreshold(expr: string, interval: string): string {
  return expr
    .replaceAll(/ [<>]=? [\d.]+/g, '')
    .replaceAll(/\babsent\(([^()]+)\)/g, '$1')
    .replaceAll(/\[\d+[mh](:?)[^\]]*\]/g, `[${interval}$1]`);
}
