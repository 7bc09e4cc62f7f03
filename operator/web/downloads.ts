import type { Context, Hono } from 'hono';
import { recordLine, sampleLines, samplesHeader, summaryHeader, summaryLine } from '../../api/record/files.ts';
import { subjects } from '../../api/subjects.ts';
import type { Archive } from '../../store/archive.ts';
import { samplesOf, scanRecords } from '../../store/results.ts';
import type { Service } from './app.ts';
import { joined, textBody } from './body.ts';
import type { FoundExperiment } from './experiments.ts';
import { follow } from './follow.ts';
import { summaryOf } from './lists.ts';
import { continueOf, nameOf, namespaceOf, uidOf } from './request.ts';
import type { Slots } from './slots.ts';

const jsonLines = 'application/jsonl; charset=utf-8';
const csv = 'text/csv; charset=utf-8';

/** The three files of an experiment, as a local run writes them, and its records as they come. */
export function addDownloads(routes: Hono, service: Service): void {
  const { archive, downloads, followers } = service;
  const path = '/namespaces/:namespace/experiments/:name';
  const found = (context: Context) => admitted(service, context);

  routes.get(`${path}/results.jsonl`, async (context) => {
    const { caller, experiment } = await found(context);
    return stream(service, downloads, caller, jsonLines, () => joined(resultLines(archive, experiment)));
  });

  routes.get(`${path}/samples.csv`, async (context) => {
    const { caller, experiment } = await found(context);
    return stream(service, downloads, caller, csv, () => joined(samplesCsv(archive, experiment)));
  });

  routes.get(`${path}/summary.csv`, async (context) => {
    const { caller, experiment } = await found(context);
    const { rows } = await summaryOf(service, caller, experiment, await service.experiments.manifest(experiment));
    return stream(service, downloads, caller, csv, () => joined(lines([summaryHeader], rows.map(summaryLine))));
  });

  routes.get(`${path}/follow`, async (context) => {
    const { caller, experiment } = await found(context);
    const after = continueOf(context);
    return stream(service, followers, caller, jsonLines, (gone) => {
      const signal = AbortSignal.any([service.signal, gone]);
      return eventLines(follow(experiment, { ...service, after, signal }));
    });
  });
}

async function admitted({ admit, experiments }: Service, context: Context) {
  const [namespace, name] = [namespaceOf(context), nameOf(context)];
  const { key } = await admit(context, { verb: 'get', namespace, name });
  return { caller: key, experiment: await experiments.find(namespace, name, uidOf(context)) };
}

/** An answer that is made while the client takes it. `texts` is given a signal that says that the client has gone. */
function stream(
  { logger }: Service,
  slots: Slots,
  caller: string,
  type: string,
  texts: (gone: AbortSignal) => AsyncGenerator<string, void>,
): Response {
  const release = slots.take(caller);
  const gone = new AbortController();
  const body = textBody(texts(gone.signal), (error) => {
    release();
    gone.abort();
    if (error !== undefined) logger.warn({ err: error }, 'an answer broke off');
  });
  return new Response(body, { headers: { 'content-type': type } });
}

async function* resultLines(archive: Archive, { scope }: FoundExperiment): AsyncGenerator<string, void> {
  for await (const { record } of scanRecords(archive, subjects(scope))) yield recordLine(record);
}

async function* samplesCsv(archive: Archive, { scope }: FoundExperiment): AsyncGenerator<string, void> {
  const names = subjects(scope);
  yield samplesHeader;
  for await (const { record } of scanRecords(archive, names)) {
    yield sampleLines(await samplesOf(archive, names, record));
  }
}

async function* lines(...parts: readonly (readonly string[])[]): AsyncGenerator<string, void> {
  for (const part of parts) yield* part;
}

async function* eventLines(events: AsyncIterable<unknown>): AsyncGenerator<string, void> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`;
}
