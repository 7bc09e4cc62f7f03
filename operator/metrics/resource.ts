import { toolVersion } from '../../api/version.ts';
import type { Attributes } from '../../meters/registry.ts';

/** Who the operator's metrics are of (https://opentelemetry.io/docs/specs/semconv/resource/). */
export function operatorResource({
  namespace,
  instance,
}: {
  readonly namespace: string;
  readonly instance: string;
}): Attributes {
  return {
    'service.name': 'splitlab-operator',
    'service.namespace': 'splitlab',
    'service.version': toolVersion,
    'service.instance.id': instance,
    'k8s.namespace.name': namespace,
    'k8s.pod.name': instance,
  };
}
