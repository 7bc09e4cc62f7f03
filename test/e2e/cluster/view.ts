import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { kubeConfigConnection } from '../../../operator/runtime/client/kube-config.ts';
import { connect } from '../../../operator/runtime/connect.ts';
import { Informer } from '../../../operator/runtime/informer/informer.ts';
import type { Stored } from '../../../operator/runtime/objects.ts';
import { events, pods, type SplitExperimentObject, splitExperiments } from '../../../operator/runtime/resources.ts';
import type { Wire } from '../../../operator/runtime/wire.ts';

export type Pod = Stored<Wire<V1Pod>>;
export type KubeEvent = Stored<Wire<CoreV1Event>>;

/** The cluster as a test sees it: kept up to date by watching, so that waiting costs nothing. */
export interface View extends AsyncDisposable {
  readonly client: Awaited<ReturnType<typeof connect>>;
  readonly experiments: Informer<SplitExperimentObject>;
  readonly pods: Informer<Wire<V1Pod>>;
  readonly events: Informer<Wire<CoreV1Event>>;
  /** Waits until something holds of what is seen. */
  until<T>(ms: number, what: string, look: () => T | null | undefined | false): Promise<T>;
}

export async function openView(kubeconfig: string): Promise<View> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const client = await connect({ config: kubeConfigConnection(config) });
  const stop = new AbortController();
  const informers = {
    experiments: new Informer(client, splitExperiments),
    pods: new Informer(client, pods),
    events: new Informer(client, events),
  };
  const all = Object.values(informers);
  const running = all.map((informer) => informer.run(stop.signal));
  await Promise.all(all.map((informer) => informer.synced()));
  return {
    client,
    ...informers,
    async until<T>(ms: number, what: string, look: () => T | null | undefined | false): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const check = () => {
        try {
          const found = look();
          if (found !== null && found !== undefined && found !== false) resolve(found);
        } catch (error) {
          reject(error);
        }
      };
      const handler = { onAdd: check, onUpdate: check, onDelete: check };
      const late = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
      const deaf = all.map((informer) => informer.addHandler(handler));
      check();
      try {
        return await promise;
      } finally {
        clearTimeout(late);
        for (const stopListening of deaf) stopListening();
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(running);
      await client.close();
    },
  };
}
