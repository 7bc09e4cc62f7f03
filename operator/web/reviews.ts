import { resultsAudience } from '../../api/results/paths.ts';
import type { KubeObject } from '../runtime/objects.ts';
import type { Resource } from '../runtime/resource.ts';
import { subjectAccessReviews, tokenReviews } from '../runtime/resources.ts';

/** A caller as the API server knows it. */
export interface Identity {
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What a caller wants to do with experiments; without a namespace: in all of them, without a name: any. */
export interface Attributes {
  readonly verb: 'get' | 'list' | 'delete';
  readonly namespace?: string;
  readonly name?: string;
}

/** Who somebody is and what they may do. Both throw where the API server does not answer. */
export interface Reviews {
  /** The owner of a token; null where it is none, or is meant for somebody else. */
  authenticate(token: string): Promise<Identity | null>;
  authorize(identity: Identity, attributes: Attributes): Promise<boolean>;
}

/** The part of the runtime's client that asks the API server. */
export interface ReviewClient {
  review<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T>;
}

/** Reviews by the API server, through TokenReview and SubjectAccessReview. */
export function apiServerReviews(client: ReviewClient): Reviews {
  return {
    async authenticate(token) {
      // Asking for our audience would refuse a user's own token, asking for none a token made for this API alone.
      const audiences = claimedAudiences(token).includes(resultsAudience) ? [resultsAudience] : [];
      const { status } = await client.review(tokenReviews, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token, ...(audiences.length > 0 && { audiences }) },
      });
      // A server that does not know of audiences answers without any: the token is then good for the API server alone.
      const meant = audiences.every((audience) => status?.audiences?.includes(audience));
      const user = status?.user;
      if (!status?.authenticated || !meant || !user?.username) return null;
      return { user: user.username, uid: user.uid, groups: user.groups ?? [], extra: user.extra ?? {} };
    },
    async authorize({ user, uid, groups, extra }, attributes) {
      const { status } = await client.review(subjectAccessReviews, {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user,
          groups: [...groups],
          extra,
          ...(uid !== undefined && { uid }),
          resourceAttributes: { group: 'splitlab.dev', resource: 'splitexperiments', ...attributes },
        },
      });
      return status?.allowed === true && status.denied !== true;
    },
  };
}

/** The audiences that a JSON Web Token claims, unchecked: they choose the question, and the API server answers it. */
function claimedAudiences(token: string): readonly string[] {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const claimed = typeof claims === 'object' && claims !== null && 'aud' in claims ? claims.aud : [];
    return [claimed].flat().filter((one) => typeof one === 'string');
  } catch {
    return [];
  }
}
