import type { V1Container, V1Probe } from '@kubernetes/client-node';
import type { Wire } from '../runtime/wire.ts';

type Probes = Pick<Wire<V1Container>, 'startupProbe' | 'livenessProbe' | 'readinessProbe'>;

const get = (path: '/livez' | '/readyz', port: number): Wire<V1Probe> => ({ httpGet: { path, port } });

/**
 * Alive is a worker whose event loop answers, also while it fetches a model for an hour: only `/readyz` waits for that.
 * A probe costs the loop a fraction of a millisecond, so they are rare. The loop may be held for seconds (a tensor as
 * JSON, a network being written), and an end costs the visit: two minutes of silence are needed.
 */
export function workerProbes(port: number): Probes {
  return {
    startupProbe: { ...get('/livez', port), periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 120 },
    livenessProbe: { ...get('/livez', port), periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6 },
    readinessProbe: { ...get('/readyz', port), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
  };
}

/** The worker starts once the link listens. A link that is silent for a minute is started anew. */
export function linkProbes(port: number): Probes {
  return {
    startupProbe: { ...get('/readyz', port), periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60 },
    livenessProbe: { ...get('/livez', port), periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 3 },
  };
}
