import type { V1Secret } from '@kubernetes/client-node';
import type { Manifest } from '../../../api/manifest/manifest.ts';
import { formatTraceparent } from '../../../api/trace/context.ts';
import type { SecretInput } from '../../pod/input.ts';
import { secretName } from '../../pod/name.ts';
import { secretFiles } from '../../pod/places.ts';
import { desiredSecret } from '../../pod/secret.ts';
import { AlreadyExists, NotFound } from '../../runtime/client/errors.ts';
import type { Stored } from '../../runtime/objects.ts';
import { isControlledBy } from '../../runtime/owner.ts';
import { secrets } from '../../runtime/resources.ts';
import type { Wire } from '../../runtime/wire.ts';
import { type ReconcilerContext, scopeOf } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import type { Gathered } from '../gather/gather.ts';
import { NameTaken } from './obstacles.ts';

type Input = Omit<SecretInput, 'credentials'>;

/** How often the Secret of a running experiment is looked at: credentials are renewed days before they expire. */
const checkMs = 24 * 3_600_000;

export function inputOf(context: ReconcilerContext, { observed, trace }: Gathered, manifest: Manifest): Input {
  const { images, natsUrl } = context;
  const owner = observed.experiment;
  const traceparent = formatTraceparent(trace.context);
  return { manifest, owner, scope: scopeOf(context, owner), images, natsUrl, traceparent };
}

/** Makes the Secret ready for pods that are about to be made. */
export async function prepareSecret(
  context: ReconcilerContext,
  { object, observed, memory }: Gathered,
  input: Input,
  signal: AbortSignal,
): Promise<void> {
  const isFirst = observed.status.startTime === undefined && memory.checkedSecretAtMs === null;
  if (!(isFirst && (await createSecret(context, input, signal)))) await ensureSecret(context, object, input, signal);
  memory.checkedSecretAtMs = context.clock.monotonic();
}

/** Renews the credentials of a running experiment in time; gives the milliseconds until the next look, null where none is. */
export async function renewSecret(
  context: ReconcilerContext,
  gathered: Gathered,
  signal: AbortSignal,
): Promise<number | null> {
  const { spec, status } = gathered.observed;
  if (status.activeSince === undefined || status.completionTime !== undefined || !spec.ok) return null;
  const { checkedSecretAtMs } = gathered.memory;
  const dueMs = checkedSecretAtMs === null ? 0 : checkedSecretAtMs + checkMs - context.clock.monotonic();
  if (dueMs > 0) return dueMs;
  await prepareSecret(context, gathered, inputOf(context, gathered, spec.manifest), signal);
  return checkMs;
}

/** Makes a Secret that is probably not there yet; false where it is. */
async function createSecret(
  { client, issuer }: ReconcilerContext,
  input: Input,
  signal: AbortSignal,
): Promise<boolean> {
  const desired = desiredSecret({ ...input, credentials: await issuer.issue(input.scope) });
  try {
    await client.create(secrets, desired, { signal });
    return true;
  } catch (error) {
    if (error instanceof AlreadyExists) return false;
    throw error;
  }
}

/** Sees to it that the workers' configuration and valid credentials are there. Secrets are in no cache: it is read first. */
async function ensureSecret(
  context: ReconcilerContext,
  object: Experiment,
  input: Input,
  signal: AbortSignal,
): Promise<void> {
  const { client, issuer, clock } = context;
  const key = { namespace: input.owner.namespace, name: secretName(input.owner.name) };
  const existing = await client.get(secrets, key, { signal }).catch((error: unknown) => {
    if (error instanceof NotFound) return null;
    throw error;
  });
  if (existing === null) {
    if (await createSecret(context, input, signal)) return;
    return await ensureSecret(context, object, input, signal);
  }
  if (!isControlledBy(existing, object)) throw new NameTaken('Secret', key.name);
  const held = credentialsIn(existing);
  const isValid = held !== null && !issuer.needsRenewal(input.scope, held, clock.wall());
  const credentials = isValid ? held : await issuer.issue(input.scope);
  const { data } = desiredSecret({ ...input, credentials });
  if (isValid && data?.[secretFiles.config] === existing.data?.[secretFiles.config]) return;
  const { resourceVersion } = existing.metadata;
  await client.patch(secrets, key, { metadata: { resourceVersion }, data }, { signal });
}

function credentialsIn({ data }: Stored<Wire<V1Secret>>): string | null {
  const text = data?.[secretFiles.credentials];
  return text === undefined ? null : Buffer.from(text, 'base64').toString();
}
