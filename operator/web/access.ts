import { createHash } from 'node:crypto';
import { forwardedAuthorization } from '../../api/results/paths.ts';
import type { Clock } from '../runtime/clock.ts';
import { Answers } from './answers.ts';
import { Problem } from './problem.ts';
import type { Attributes, Identity, Reviews } from './reviews.ts';

/** A caller that was let in. */
export interface Caller {
  /** The same for the same token; tells nothing about it. */
  readonly key: string;
  readonly identity: Identity;
}

/** Lets callers in by their bearer token. Throws `Problem` 401, 403, or 503 where the API server does not answer. */
export interface Access {
  check(header: (name: string) => string | undefined, attributes: Attributes): Promise<Caller>;
}

const capacity = 1024;
const concurrency = 32;
/** A right that was taken away is noticed after this time, one that was given after the shorter one. */
const positiveMs = 30_000;
const negativeMs = 5_000;

/** Access by what the API server says, remembered by a hash of the token for a short time. */
export function accessBy(reviews: Reviews, clock: Pick<Clock, 'monotonic'>): Access {
  const limits = { capacity, concurrency, clock };
  const identities = new Answers<Identity | null>({
    ...limits,
    holdsMs: (identity) => (identity ? positiveMs : negativeMs),
  });
  const rights = new Answers<boolean>({ ...limits, holdsMs: (allowed) => (allowed ? positiveMs : negativeMs) });
  return {
    async check(header, attributes) {
      const token = bearerToken(header(forwardedAuthorization) ?? header('authorization'));
      const key = createHash('sha256').update(token).digest('base64url');
      const identity = await answered(identities.get(key, () => reviews.authenticate(token)));
      if (!identity)
        throw new Problem(401, 'the token is not valid here: it is expired, or meant for another audience');
      const { verb, namespace = '', name = '' } = attributes;
      const question = [key, verb, namespace, name].join(' ');
      const allowed = await answered(rights.get(question, () => reviews.authorize(identity, attributes)));
      if (!allowed) throw new Problem(403, refusal(identity, attributes));
      return { key, identity };
    },
  };
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    const message = 'the API server does not answer, so that nobody can be let in; try again';
    throw new Problem(503, message, { cause, retryAfterSeconds: 2 });
  }
}

function bearerToken(header: string | undefined): string {
  const [, token] = /^Bearer +([^\s,]+) *$/i.exec(header ?? '') ?? [];
  if (token === undefined) throw new Problem(401, 'send a token of the cluster: Authorization: Bearer TOKEN');
  return token;
}

/** In the words of the API server. */
function refusal({ user }: Identity, { verb, namespace, name }: Attributes): string {
  const object = name === undefined ? '' : ` "${name}"`;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `splitexperiments.splitlab.dev${object} is forbidden: User "${user}" cannot ${verb} resource "splitexperiments" in API group "splitlab.dev" ${scope}`;
}
