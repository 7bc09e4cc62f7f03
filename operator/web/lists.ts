import type { Hono } from 'hono';
import { recordLine } from '../../api/record/files.ts';
import { summaryJson } from '../../api/record/summary-csv.ts';
import type { ResultsSummary } from '../../api/results/summary.ts';
import { subjects } from '../../api/subjects.ts';
import { readRecord, summarise } from '../../store/results.ts';
import type { Service } from './app.ts';
import { type FoundExperiment, objectivesOf, statusOf } from './experiments.ts';
import { continueOf, deletedOf, limitOf, nameOf, namespaceOf, uidOf } from './request.ts';

/** Lists of experiments, one experiment, and its records page by page. */
export function addLists(routes: Hono, service: Service): void {
  const { experiments, archive, admit } = service;
  const items = async (namespace: string | null, deleted: boolean) =>
    deleted ? experiments.listDeleted(namespace) : experiments.list(namespace);

  routes.get('/experiments', async (context) => {
    await admit(context, { verb: 'list' });
    return context.json({ items: await items(null, deletedOf(context)) });
  });

  routes.get('/namespaces/:namespace/experiments', async (context) => {
    const namespace = namespaceOf(context);
    await admit(context, { verb: 'list', namespace });
    return context.json({ items: await items(namespace, deletedOf(context)) });
  });

  routes.get('/namespaces/:namespace/experiments/:name', async (context) => {
    const [namespace, name] = [namespaceOf(context), nameOf(context)];
    const { key } = await admit(context, { verb: 'get', namespace, name });
    const found = await experiments.find(namespace, name, uidOf(context));
    const manifest = await experiments.manifest(found);
    const { rows, visits, incomplete } = await summaryOf(service, key, found, manifest);
    const status = found.object && statusOf(found.object);
    return context.json({
      metadata: found.metadata,
      status,
      manifest,
      visits,
      incomplete,
      summary: rows.map(summaryJson),
    });
  });

  routes.get('/namespaces/:namespace/experiments/:name/summary', async (context) => {
    const [namespace, name] = [namespaceOf(context), nameOf(context)];
    const { key } = await admit(context, { verb: 'get', namespace, name });
    const found = await experiments.find(namespace, name, uidOf(context));
    const summary = await summaryOf(service, key, found, await experiments.manifest(found));
    return context.json({ metadata: found.metadata, ...summary });
  });

  routes.get('/namespaces/:namespace/experiments/:name/visits', async (context) => {
    const [namespace, name] = [namespaceOf(context), nameOf(context)];
    await admit(context, { verb: 'get', namespace, name });
    const names = subjects((await experiments.find(namespace, name, uidOf(context))).scope);
    const page = { after: continueOf(context), limit: limitOf(context) };
    const { messages, last } = await archive.page('records', names.allRecords, page);
    const more = last !== null && (await archive.page('records', names.allRecords, { after: last, limit: 1 })).last;
    const next = more ? String(last) : null;
    const records = messages.map((message) => readRecord(message).record);
    if (!context.req.header('accept')?.includes('application/jsonl')) {
      return context.json({ items: records, metadata: { continue: next } });
    }
    if (next !== null) context.header('x-continue', next);
    return context.body(records.map(recordLine).join(''), 200, { 'content-type': 'application/jsonl; charset=utf-8' });
  });
}

/** Summing up reads every sample: few may be at it at once. */
export async function summaryOf(
  { archive, downloads }: Pick<Service, 'archive' | 'downloads'>,
  caller: string,
  { scope }: FoundExperiment,
  manifest: unknown,
): Promise<ResultsSummary> {
  const release = downloads.take(caller);
  try {
    return await summarise(archive, subjects(scope), objectivesOf(manifest));
  } finally {
    release();
  }
}
