import { listed } from '../../api/telemetry/metric.ts';
import {
  apiResources,
  apiVerbs,
  requestMethods,
  resultsRoutes,
  statusCodes,
  watchEnds,
  watchedResources,
} from '../../api/telemetry/metrics/operator.ts';
import type { Registry } from '../../meters/registry.ts';
import type { RequestMetrics, RequestOutcome } from '../runtime/client/metrics.ts';
import type { ControllerMetrics } from '../runtime/controller/metrics.ts';
import type { EventStatistics } from '../runtime/events/recorder.ts';
import type { InformerMetrics } from '../runtime/informer/metrics.ts';
import type { ResultsMetrics } from '../web/metrics.ts';

/** What the operator's parts report to, as values of the registry. */
export interface OperatorReports {
  readonly requests: RequestMetrics;
  readonly informers: InformerMetrics;
  readonly controller: ControllerMetrics;
  readonly results: ResultsMetrics;
  /** A connection to NATS came back. */
  natsReconnected(): void;
  /** From now on the statistics of events are those that `read` gives. */
  observeEvents(read: () => EventStatistics): void;
}

/** `tls`: whether the results API is served over TLS. */
export function reportsTo(registry: Registry, { tls }: { readonly tls: boolean }): OperatorReports {
  registry.add('splitlab.nats.reconnects', { 'splitlab.nats.connection': 'control' }, 0);
  return {
    requests: { request: (about, server, outcome, ms) => apiRequest(registry, about, server, outcome, ms) },
    informers: {
      watchEnded(resource, why) {
        registry.add('splitlab.operator.watch.restarts', {
          'splitlab.api.resource': listed(watchedResources, resource),
          'splitlab.watch.end': listed(watchEnds, why),
        });
      },
    },
    controller: {
      depth: (items) => registry.set('splitlab.operator.queue.depth', {}, items),
      queueDuration: (ms) => registry.record('splitlab.operator.queue.wait.duration', {}, ms / 1e3),
      // The pass itself is what matters of it.
      workDuration() {},
      retry: () => registry.add('splitlab.operator.queue.retries', {}),
      reconciled(outcome, ms) {
        registry.record('splitlab.operator.reconcile.duration', { 'splitlab.reconcile.result': outcome }, ms / 1e3);
      },
    },
    results: {
      answered({ method, route, status }, ms) {
        const labels = {
          'http.request.method': listed(requestMethods, method),
          'http.response.status_code': knownStatus(status),
          'http.route': listed(resultsRoutes, route ?? ''),
          'url.scheme': tls ? 'https' : 'http',
        } as const;
        registry.record('http.server.request.duration', labels, ms / 1e3);
      },
    },
    natsReconnected: () => registry.add('splitlab.nats.reconnects', { 'splitlab.nats.connection': 'control' }),
    observeEvents(read) {
      registry.observe(() => {
        for (const [outcome, count] of Object.entries(read()) as [keyof EventStatistics, number][]) {
          registry.total('splitlab.operator.events', { 'splitlab.event.outcome': outcome }, count);
        }
      });
    },
  };
}

function apiRequest(
  registry: Registry,
  { subject, method }: Parameters<RequestMetrics['request']>[0],
  server: URL,
  outcome: RequestOutcome,
  ms: number,
): void {
  const status = typeof outcome === 'number' ? knownStatus(outcome) : null;
  const failure = typeof outcome === 'number' ? (status === null ? '_OTHER' : null) : outcome;
  // "apply status of" is an apply as well.
  const [verb = ''] = subject.verb.split(' ', 1);
  registry.add('splitlab.operator.api.requests', {
    'splitlab.api.verb': listed(apiVerbs, verb),
    'splitlab.api.resource': listed(apiResources, subject.resource),
    'splitlab.api.code': status ?? failure ?? '_OTHER',
  });
  const labels = {
    'http.request.method': listed(requestMethods, method),
    'http.response.status_code': status,
    'error.type': failure,
    'server.address': server.hostname,
    'server.port': server.port || (server.protocol === 'https:' ? '443' : '80'),
  } as const;
  registry.record('http.client.request.duration', labels, ms / 1e3);
}

function knownStatus(status: number): (typeof statusCodes)[number] | null {
  return statusCodes.find((one) => one === status) ?? null;
}
