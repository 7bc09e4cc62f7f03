import type { CoreV1Event } from '@kubernetes/client-node';
import type { KubeObject, Stored } from '../objects.ts';
import type { Wire } from '../wire.ts';
import type { Series } from './correlator.ts';

export interface EventDescription {
  readonly about: Stored<KubeObject>;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** What says it: `splitlab-operator`. */
  readonly component: string;
  /** Which process of it. */
  readonly instance: string;
}

const longestMessage = 1024;
const longestName = 253;

/** Seconds are all that a Time holds. */
export function eventTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

export function shortened(message: string): string {
  return message.length <= longestMessage ? message : `${message.slice(0, longestMessage - 1)}…`;
}

/**
 * The Event object of a series: core/v1 with count and times, which `kubectl describe` and `kubectl get events` show as
 * "x7 over 3m" on every version.
 */
export function eventObject(description: EventDescription, series: Series, suffix: string): Wire<CoreV1Event> {
  const { about, type, reason, component, instance } = description;
  const { name, namespace, uid, resourceVersion } = about.metadata;
  return {
    metadata: {
      name: `${name.slice(0, longestName - suffix.length - 1)}.${suffix}`,
      namespace: namespace ?? 'default',
    },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name,
      uid,
      resourceVersion,
      ...(namespace === undefined ? {} : { namespace }),
    },
    type,
    reason,
    message: shortened(series.message),
    count: series.count,
    firstTimestamp: eventTime(series.first),
    lastTimestamp: eventTime(series.last),
    source: { component },
    reportingComponent: component,
    reportingInstance: instance,
  };
}
