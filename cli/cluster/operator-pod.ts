import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { type ApiServer, refusalOf } from './api-server.ts';
import { ClusterError } from './errors.ts';

/** Where a replica of the operator serves results. */
export interface OperatorPod {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** Name of the container port of the results API. */
const portName = 'results';
const selector = 'app.kubernetes.io/name=splitlab,app.kubernetes.io/component=operator';

const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      spec: z.object({
        containers: z.array(
          z.object({
            ports: z.array(z.object({ name: z.string().optional(), containerPort: z.number() })).default([]),
          }),
        ),
      }),
      status: z.object({
        phase: z.string().optional(),
        conditions: z
          .array(
            z.object({
              type: z.string(),
              status: z.string(),
              reason: z.string().optional(),
              message: z.string().optional(),
            }),
          )
          .default([]),
      }),
    }),
  ),
});
type Pod = z.output<typeof podsSchema>['items'][number];

/** A ready replica of the operator. Throws `ClusterError` Forbidden, OperatorMissing or OperatorNotReady. */
export async function findOperatorPod(server: ApiServer, namespace: string): Promise<OperatorPod> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?labelSelector=${encodeURIComponent(selector)}`;
  const answer = await server.send('GET', path);
  if (answer.statusCode === 401) {
    const message = `the API server does not accept the credentials of context "${server.context}": ${await refusalOf(answer)}`;
    throw new ClusterError('Unauthorized', message);
  }
  if (answer.statusCode !== 200) {
    const message = `the operator's pods in namespace "${namespace}" cannot be listed: ${await refusalOf(answer)}`;
    throw new ClusterError(answer.statusCode === 403 ? 'Forbidden' : 'Refused', message);
  }
  const { items } = podsSchema.parse(await json(answer));
  if (items.length === 0) {
    throw new ClusterError(
      'OperatorMissing',
      `there is no operator in namespace "${namespace}" (no pod with ${selector}): install splitlab, or name its namespace with --operator-namespace`,
    );
  }
  for (const pod of items) {
    const port = pod.spec.containers.flatMap(({ ports }) => ports).find(({ name }) => name === portName)?.containerPort;
    if (port !== undefined && isReady(pod)) return { namespace, name: pod.metadata.name, port };
  }
  throw new ClusterError(
    'OperatorNotReady',
    `no operator pod in namespace "${namespace}" is ready: ${items.map(describe).join('; ')}; see kubectl -n ${namespace} describe pods -l ${selector}`,
  );
}

function isReady({ metadata, status }: Pod): boolean {
  const ready = status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return ready && metadata.deletionTimestamp === undefined;
}

function describe({ metadata, status }: Pod): string {
  const why = status.conditions.find((condition) => condition.status !== 'True');
  return [metadata.name, status.phase, why?.reason, why?.message].filter(Boolean).join(' ');
}
