import type {
  V1ConfigMapVolumeSource,
  V1CSIVolumeSource,
  V1DownwardAPIVolumeSource,
  V1EmptyDirVolumeSource,
  V1EphemeralVolumeSource,
  V1ImageVolumeSource,
  V1PersistentVolumeClaimVolumeSource,
  V1SecretVolumeSource,
} from '@kubernetes/client-node';
import { z } from 'zod';
import { exactlyOneOf, type Rule, withRules } from '../../../api/manifest/rules.ts';
import { volumePrefix } from '../volumes.ts';
import { projectedSchema } from './projected.ts';
import { verbatim } from './verbatim.ts';

const sources = {
  configMap: verbatim<V1ConfigMapVolumeSource>().exactOptional(),
  secret: verbatim<V1SecretVolumeSource>().exactOptional(),
  emptyDir: verbatim<V1EmptyDirVolumeSource>().exactOptional(),
  persistentVolumeClaim: verbatim<V1PersistentVolumeClaimVolumeSource>().exactOptional(),
  projected: projectedSchema.exactOptional(),
  downwardAPI: verbatim<V1DownwardAPIVolumeSource>().exactOptional(),
  csi: verbatim<V1CSIVolumeSource>().exactOptional(),
  ephemeral: verbatim<V1EphemeralVolumeSource>().exactOptional(),
  image: verbatim<V1ImageVolumeSource>().exactOptional(),
};

const notOurs: Rule = {
  check: (name) =>
    typeof name === 'string' && name.startsWith(volumePrefix)
      ? [
          {
            path: [],
            message: 'has the name of a volume of splitlab',
            remedy: `begin it with something else than ${volumePrefix}`,
          },
        ]
      : [],
};

/** A volume of the kinds that Restricted pod security allows. */
export const volumeSchema = withRules(
  z.strictObject({ name: withRules(z.string(), notOurs), ...sources }),
  exactlyOneOf(Object.keys(sources)),
);
