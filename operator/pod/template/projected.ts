import type { V1VolumeProjection } from '@kubernetes/client-node';
import { z } from 'zod';
import { type Rule, withRules } from '../../../api/manifest/rules.ts';
import { isPlainObject } from '../../../api/plain-object.ts';
import { verbatim } from './verbatim.ts';

const identities = ['serviceAccountToken', 'podCertificate'];

/** A token or certificate would let a worker speak as an account of the cluster. */
const noIdentity: Rule = {
  check: (source) =>
    isPlainObject(source)
      ? identities
          .filter((member) => source[member] !== undefined)
          .map((member) => ({
            path: [member],
            message: 'would give the worker an identity in the cluster',
            remedy: 'project configMap, secret, downwardAPI or clusterTrustBundle',
          }))
      : [],
};

/** A projected volume without an identity among its sources. */
export const projectedSchema = z.strictObject({
  defaultMode: z.int().exactOptional(),
  sources: z.array(withRules(verbatim<V1VolumeProjection>(), noIdentity)).exactOptional(),
});
