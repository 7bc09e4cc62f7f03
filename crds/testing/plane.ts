import { join } from 'node:path';
import { withControlPlane } from '../../test/cluster/testing.ts';

/** The one control plane that all cases of this folder share: it is most of the time that they take. */
export const { skip, plane } = await withControlPlane({ crds: join(import.meta.dirname, '..') });
