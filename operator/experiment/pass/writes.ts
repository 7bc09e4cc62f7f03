import type { Client } from '../../runtime/client/client.ts';
import type { Recorder } from '../context.ts';

/** What reconciling asks of the API server. */
export type ReconcilerClient = Pick<Client, 'get' | 'create' | 'applyStatus' | 'patch' | 'delete'>;

/** What one pass changed in the cluster, in the order in which it was done. */
export interface Writes {
  /** Names of the objects by what was done to them, such as `pods/quickstart-0-local-0`. */
  readonly created: string[];
  readonly changed: string[];
  readonly deleted: string[];
  /** Reasons of the events that were told. */
  readonly events: string[];
}

/** The same client and recorder, which note what they are used for: writes that the server took, and events. */
export function notingWrites(client: ReconcilerClient, recorder: Recorder) {
  const writes: Writes = { created: [], changed: [], deleted: [], events: [] };
  const noting: ReconcilerClient = {
    get: (...args) => client.get(...args),
    async create(resource, object, options) {
      const stored = await client.create(resource, object, options);
      writes.created.push(`${resource.plural}/${stored.metadata.name}`);
      return stored;
    },
    async applyStatus(resource, object, options) {
      const stored = await client.applyStatus(resource, object, options);
      writes.changed.push(`${resource.plural}/${stored.metadata.name}/status`);
      return stored;
    },
    async patch(resource, key, patch, options) {
      const stored = await client.patch(resource, key, patch, options);
      writes.changed.push(`${resource.plural}/${key.name}`);
      return stored;
    },
    async delete(resource, key, options) {
      await client.delete(resource, key, options);
      writes.deleted.push(`${resource.plural}/${key.name}`);
    },
  };
  const tellingToo: Recorder = {
    event(about, type, reason, message) {
      recorder.event(about, type, reason, message);
      writes.events.push(reason);
    },
  };
  return { writes, client: noting, recorder: tellingToo };
}
