import { resultsRoot } from '../../results/paths.ts';
import { succeeded } from '../../status/reasons/succeeded.ts';
import { type Metric, other } from '../metric.ts';

/** As OpenTelemetry recommends for HTTP, in seconds. */
const httpBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;
const queueBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const;

export const requestMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', other] as const;
export const statusCodes = [
  ...[200, 201, 202, 204, 206, 304, 400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 416, 422, 429],
  ...[500, 502, 503, 504],
] as const;

/** Why there was no answer, or `_OTHER` for a status that is not listed. */
export const requestFailures = ['timeout', 'unreachable', 'cancelled', other] as const;
export const apiVerbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'apply', 'delete', other] as const;
export const apiResources = [
  'splitexperiments',
  'pods',
  'secrets',
  'events',
  'leases',
  'namespaces',
  'tokenreviews',
  'subjectaccessreviews',
  other,
] as const;
export const watchEnds = [
  'Ended',
  'Gone',
  'ApiUnreachable',
  'ApiTimeout',
  'TooManyRequests',
  'ServerError',
  'Unauthorized',
  'Forbidden',
  'NotFound',
  'ShortWatch',
  'WentBackwards',
  other,
] as const;
export const watchedResources = ['splitexperiments', 'pods', other] as const;
export const reconcileResults = ['Success', 'RequeueAfter', 'Conflict', 'Error', 'TerminalError', 'Stopped'] as const;
export const experimentReasons = [...keysOf(succeeded), other] as const;
export const eventOutcomes = ['sent', 'dropped', 'filtered'] as const;
const ofOne = `${resultsRoot}/namespaces/:namespace/experiments/:name` as const;
export const resultsRoutes = [
  `${resultsRoot}/experiments`,
  `${resultsRoot}/namespaces/:namespace/experiments`,
  ofOne,
  `${ofOne}/summary`,
  `${ofOne}/visits`,
  `${ofOne}/results.jsonl`,
  `${ofOne}/samples.csv`,
  `${ofOne}/summary.csv`,
  `${ofOne}/follow`,
  other,
] as const;

/** What the operator says of its work; what counts experiments comes from the replica that leads. */
export const operatorMetrics = {
  'splitlab.operator.leader': {
    instrument: 'Gauge',
    unit: '{leader}',
    brief: '1 while this replica leads, else 0.',
    attributes: {},
    of: ['operator'],
  },
  'splitlab.operator.experiments': {
    instrument: 'Gauge',
    unit: '{experiment}',
    brief: 'Experiments by the reason of their condition Succeeded.',
    attributes: { 'splitlab.reason': experimentReasons },
    of: ['operator'],
  },
  'splitlab.operator.visits': {
    instrument: 'Gauge',
    unit: '{visit}',
    brief: 'Visits of the experiments that run, by what became of them.',
    attributes: { 'splitlab.visit.state': ['completed', 'rejected', 'failed', 'pending'] },
    of: ['operator'],
  },
  'splitlab.operator.reconcile.duration': {
    instrument: 'Histogram',
    unit: 's',
    brief: 'How long passes over experiments took, by their result.',
    attributes: { 'splitlab.reconcile.result': reconcileResults },
    buckets: queueBuckets,
    of: ['operator'],
  },
  'splitlab.operator.queue.depth': {
    instrument: 'Gauge',
    unit: '{experiment}',
    brief: 'Experiments that wait for a pass.',
    attributes: {},
    of: ['operator'],
  },
  'splitlab.operator.queue.wait.duration': {
    instrument: 'Histogram',
    unit: 's',
    brief: 'How long experiments waited for a pass.',
    attributes: {},
    buckets: queueBuckets,
    of: ['operator'],
  },
  'splitlab.operator.queue.retries': {
    instrument: 'Counter',
    unit: '{retry}',
    brief: 'Passes that come again after a failure or a conflict.',
    attributes: {},
    of: ['operator'],
  },
  'splitlab.operator.api.requests': {
    instrument: 'Counter',
    unit: '{request}',
    brief: 'Requests to the API server, each attempt, by verb, resource and what was answered.',
    attributes: {
      'splitlab.api.verb': apiVerbs,
      'splitlab.api.resource': apiResources,
      'splitlab.api.code': [...statusCodes, ...requestFailures],
    },
    of: ['operator'],
  },
  'http.client.request.duration': {
    instrument: 'Histogram',
    unit: 's',
    brief: 'How long the API server took to begin its answer; of a watch, to its first byte.',
    attributes: {
      'http.request.method': requestMethods,
      'http.response.status_code': [null, ...statusCodes],
      'error.type': [null, ...requestFailures],
      'server.address': 'Process',
      'server.port': 'Process',
    },
    buckets: httpBuckets,
    of: ['operator'],
  },
  'splitlab.operator.watch.restarts': {
    instrument: 'Counter',
    unit: '{watch}',
    brief: 'Watches that ended, by why; Ended: after the time that they were asked for.',
    attributes: { 'splitlab.api.resource': watchedResources, 'splitlab.watch.end': watchEnds },
    of: ['operator'],
  },
  'splitlab.operator.events': {
    instrument: 'Counter',
    unit: '{event}',
    brief: 'Events told of experiments: sent, dropped, or filtered since the object said too much.',
    attributes: { 'splitlab.event.outcome': eventOutcomes },
    of: ['operator'],
  },
  'http.server.request.duration': {
    instrument: 'Histogram',
    unit: 's',
    brief: 'How long answers of the results API took to begin.',
    attributes: {
      'http.request.method': requestMethods,
      'http.response.status_code': [null, ...statusCodes],
      'http.route': resultsRoutes,
      'url.scheme': ['http', 'https'],
    },
    buckets: httpBuckets,
    of: ['operator'],
  },
} as const satisfies Readonly<Record<string, Metric>>;

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  // A literal's own keys are all that its type knows.
  return Object.keys(table) as K[];
}
