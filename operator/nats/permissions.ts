import type { Permissions } from '@nats-io/jwt';
import { type ExperimentScope, streams, subjects } from '../../api/subjects.ts';

const names = Object.values(streams).map(({ name }) => name);
const each = (permission: (stream: string) => string) => names.map(permission);

/**
 * What the workers of one experiment may do: everything on their own subjects, and of JetStream what the store asks for.
 * Whoever may name a filter or a subject there may name only their own. Consumers are reached by a name that cannot be
 * guessed, since a permission cannot tell whose they are.
 */
export function workerPermissions(scope: ExperimentScope): Permissions {
  const { all } = subjects(scope);
  return {
    pub: { allow: [all, ...each((stream) => `$JS.API.STREAM.INFO.${stream}`), ...reading(all)] },
    sub: { allow: [all] },
  };
}

/** What the operator may do: the same over all experiments of its cluster, and make and purge the shared streams. */
export function operatorPermissions(cluster: string): Permissions {
  const all = allOf(cluster);
  const api = ['CREATE', 'UPDATE', 'INFO', 'PURGE'].flatMap((verb) =>
    each((stream) => `$JS.API.STREAM.${verb}.${stream}`),
  );
  return {
    // A batch of messages names its filter in the request: whoever may ask reads the whole stream.
    pub: { allow: [all, ...api, ...reading(all), ...each((stream) => `$JS.API.DIRECT.GET.${stream}`)] },
    sub: { allow: [all, `${operatorInbox(cluster)}.>`] },
  };
}

/** The `inboxPrefix` of the operator's own connection. */
export function operatorInbox(cluster: string): string {
  return `_INBOX_splitlab.${cluster}`;
}

function allOf(cluster: string): string {
  // Checks the name as every subject does.
  const { all } = subjects({ cluster, namespace: 'namespace', uid: 'uid' });
  return all.replace('.namespace.uid.>', '.>');
}

/** To follow and read what is stored under a subject. */
function reading(all: string): string[] {
  return [
    ...each((stream) => `$JS.API.CONSUMER.CREATE.${stream}.*.${all}`),
    ...each((stream) => `$JS.API.CONSUMER.INFO.${stream}.*`),
    ...each((stream) => `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`),
    ...each((stream) => `$JS.API.CONSUMER.DELETE.${stream}.*`),
    ...each((stream) => `$JS.API.DIRECT.GET.${stream}.${all}`),
  ];
}
