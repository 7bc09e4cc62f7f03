import { type RetentionMessage, type RetentionPolicy, retentionMessageSchema } from '../../api/messages/retention.ts';
import { type ExperimentScope, subjects } from '../../api/subjects.ts';
import type { Archive } from '../../store/archive.ts';
import type { Store } from '../../store/store.ts';

export interface RetentionStore {
  readonly archive: Pick<Archive, 'newest'>;
  readonly store: Pick<Store, 'append'>;
}

/** What was said last of an experiment's results; null where nothing was. */
export async function readRetention(
  archive: Pick<Archive, 'newest'>,
  scope: ExperimentScope,
): Promise<RetentionMessage | null> {
  const stored = await archive.newest('records', subjects(scope).retention);
  return stored && retentionMessageSchema.parse(stored.value);
}

/**
 * Says what becomes of an experiment's results when its object is gone. Writes only what is not said already; gives
 * whether it wrote.
 */
export async function declareRetention(
  { archive, store }: RetentionStore,
  scope: ExperimentScope,
  { name, policy }: { readonly name: string; readonly policy: RetentionPolicy },
  now: Date,
): Promise<boolean> {
  const said = await readRetention(archive, scope);
  if (said?.policy === policy && said.name === name) return false;
  const { namespace, uid } = scope;
  const message: RetentionMessage = { namespace, name, uid, policy, at: now.toISOString() };
  await store.append(subjects(scope).retention, message);
  return true;
}
