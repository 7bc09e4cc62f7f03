import { readStatus } from '../../../api/status/status.ts';
import { namespace as operatorNamespace } from '../../chart/rendered.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { View } from './view.ts';

const tail = '--tail=15';

/** What somebody who looks for the cause of a failure asks for first, of one namespace and of the operator. */
export async function report(cluster: Pick<Cluster, 'kubectl'>, view: View, namespace: string): Promise<string> {
  const experiments = view.experiments.byIndex('namespace', namespace).map(({ metadata, status }) => {
    const { conditions = [], lanes = [] } = readStatus(status);
    const lines = conditions.map(({ type, status, reason, message }) => `  ${type}=${status} ${reason}: ${message}`);
    return [`${metadata.name}:`, ...lines, `  lanes: ${JSON.stringify(lanes)}`].join('\n');
  });
  const pods = view.pods.byIndex('namespace', namespace).map(({ metadata, spec, status }) => {
    const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
    const states = containers.map(({ name, state }) => `${name} ${JSON.stringify(state)}`);
    return `${metadata.name} on ${spec?.nodeName}: ${status?.phase}; ${states.join('; ')}`;
  });
  const events = view.events
    .byIndex('namespace', namespace)
    .filter(({ reason }) => reason !== 'Pulled')
    .map(
      ({ metadata, involvedObject, reason, message }) =>
        `${metadata.creationTimestamp} ${involvedObject?.name} ${reason}: ${message}`,
    )
    .sort();
  const logs = (...args: string[]) =>
    cluster.kubectl(['logs', tail, '--prefix', '--all-containers', ...args]).catch((error: Error) => error.message);
  const workers = view.pods.byIndex('namespace', namespace).map(({ metadata: { name } }) => name);
  const parts = {
    experiments,
    pods,
    events,
    workers: await Promise.all(workers.map((name) => logs(name, '--namespace', namespace))),
    operator: [
      await logs('--namespace', operatorNamespace, '--selector=app.kubernetes.io/component=operator'),
      await logs('--namespace', operatorNamespace, 'splitlab-nats-0'),
    ],
  };
  return Object.entries(parts)
    .map(([name, lines]) => `--- ${name}\n${lines.join('\n')}`)
    .join('\n');
}
