import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { z } from 'zod';
import { nearest } from '../../api/nearest.ts';
import { experimentListSchema } from '../../api/results/experiment.ts';
import { experimentPath, experimentsPath, type ResultsPart } from '../../api/results/paths.ts';
import { type ApiServer, refusalOf } from './api-server.ts';
import { ClusterError } from './errors.ts';
import type { ResultsApi } from './results-api.ts';

/** The experiment that a command is about. */
export interface Subject {
  readonly namespace: string;
  readonly name: string;
  /** One of several of this name whose objects are gone. */
  readonly uid?: string;
}

/** The API server, and the results API behind it. */
export interface Reach {
  readonly server: ApiServer;
  readonly results: ResultsApi;
}

export interface AskOptions {
  readonly method?: 'GET' | 'DELETE';
  readonly query?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Asks for an experiment or a part of its results. Throws `ClusterError` with the remedy where the answer is a refusal. */
export async function ask(
  reach: Reach,
  subject: Subject,
  part: ResultsPart | undefined,
  { method = 'GET', query = {}, signal }: AskOptions = {},
): Promise<IncomingMessage> {
  const { namespace, name, uid } = subject;
  const search = new URLSearchParams({ ...query, ...(uid !== undefined && { uid }) }).toString();
  const path = `${experimentPath(namespace, name, part)}${search && `?${search}`}`;
  const answer = await reach.results.send(method, path, signal && { signal });
  if (isGood(answer)) return answer;
  throw await refused(reach, answer, subject);
}

/** The body of an answer, checked. */
export async function bodyOf<S extends z.ZodType>(answer: IncomingMessage, schema: S): Promise<z.output<S>> {
  return schema.parse(await json(answer));
}

/** The experiments of a namespace or of all, or those that left results. */
export async function askForList(reach: Reach, namespace: string | null, deleted: boolean, signal?: AbortSignal) {
  const path = `${experimentsPath(namespace)}${deleted ? '?deleted=true' : ''}`;
  const answer = await reach.results.send('GET', path, signal && { signal });
  if (!isGood(answer)) throw await refused(reach, answer, null);
  return (await bodyOf(answer, experimentListSchema)).items;
}

function isGood({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

async function refused(reach: Reach, answer: IncomingMessage, subject: Subject | null): Promise<ClusterError> {
  const refusal = await refusalOf(answer);
  switch (answer.statusCode) {
    case 401:
      return new ClusterError(
        'Unauthorized',
        `the results API does not know you: ${refusal}; give another token (--token, --service-account)`,
      );
    case 403:
      return new ClusterError(
        'Forbidden',
        `${refusal}: ask for that right in a role (get, list on splitexperiments.splitlab.dev)`,
      );
    case 404:
      if (await isKindMissing(reach.server)) return kindMissing();
      return new ClusterError('NotFound', `${refusal}${subject ? await otherNames(reach, subject) : ''}`);
    case 503:
      if (await isKindMissing(reach.server)) return kindMissing();
      return new ClusterError('OperatorNotReady', refusal);
    default:
      return new ClusterError('Refused', refusal);
  }
}

async function isKindMissing(server: ApiServer): Promise<boolean> {
  const answer = await server.send('GET', '/apis/splitlab.dev/v1alpha1').catch(() => null);
  answer?.resume();
  return answer?.statusCode === 404;
}

function kindMissing(): ClusterError {
  const message = 'this cluster does not know SplitExperiment: install the CRD (kubectl apply -f crds/, or the chart)';
  return new ClusterError('CrdMissing', message);
}

/** What else the name may have meant, for those who may list. */
async function otherNames(reach: Reach, { namespace, name }: Subject): Promise<string> {
  const items = await askForList(reach, namespace, false).catch(() => []);
  const close = nearest(
    name,
    items.map(({ metadata }) => metadata.name),
  );
  if (close.length > 0) return `; did you mean ${close.join(', ')}?`;
  return items.length === 0 ? `; there are none in namespace "${namespace}" (-n NAMESPACE)` : '';
}
