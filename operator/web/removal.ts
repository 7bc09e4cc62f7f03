import type { Hono } from 'hono';
import { declareRetention } from '../retention/declare.ts';
import type { Service } from './app.ts';
import { Problem } from './problem.ts';
import { nameOf, namespaceOf, uidOf } from './request.ts';

/** Gives up results that outlived their experiment; the leader purges them after its grace period. */
export function addRemoval(routes: Hono, { admit, experiments, archive, store, clock }: Service): void {
  routes.delete('/namespaces/:namespace/experiments/:name', async (context) => {
    const [namespace, name] = [namespaceOf(context), nameOf(context)];
    await admit(context, { verb: 'delete', namespace, name });
    const { scope, metadata } = await experiments.find(namespace, name, uidOf(context));
    if (!metadata.deleted) {
      throw new Problem(
        409,
        `splitexperiments.splitlab.dev "${name}" is there: delete the object, and its results follow spec.results.deletionPolicy`,
      );
    }
    await declareRetention({ archive, store }, scope, { name, policy: 'Delete' }, clock.wall());
    return context.json({ metadata }, 202);
  });
}
