import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { Announcement } from '../../api/messages/worker.ts';
import type { VisitRecord } from '../../api/record/record.ts';
import { toolVersion } from '../../api/version.ts';
import type { SpanDescription } from '../measure/spans.ts';

/** Who a span is of, by the semantic conventions (https://opentelemetry.io/docs/specs/semconv/resource/). */
export function resourceOf({ side, machine, instance }: Announcement): Resource {
  const own = resourceFromAttributes({
    'service.name': `splitlab-${side}`,
    'service.namespace': 'splitlab',
    'service.version': toolVersion,
    'service.instance.id': instance,
    'host.name': machine.node,
    ...(machine.pod !== null && { 'k8s.pod.name': machine.pod, 'k8s.node.name': machine.node }),
  });
  return defaultResource().merge(own);
}

/** What the root span says of its inference; no name is the beginning of another, as the conventions ask. */
export function inferenceAttributes(record: VisitRecord, repetition: number): SpanDescription['attributes'] {
  const { experiment, cut, codec, link, clock } = record;
  return {
    'splitlab.experiment.name': experiment.name,
    'splitlab.experiment.uid': experiment.uid,
    'splitlab.visit.id': record.visitId,
    'splitlab.trial.id': record.trialId,
    'splitlab.attempt': record.attempt,
    'splitlab.repetition': repetition,
    'splitlab.verdict': record.verdict.result,
    'splitlab.model.name': record.model.name,
    'splitlab.cut.name': cut.name,
    'splitlab.cut.kind': cut.kind,
    'splitlab.transfer': record.transfer,
    'splitlab.batch_size': record.batchSize,
    ...(codec && { 'splitlab.codec.type': codec.type, 'splitlab.codec.compression': codec.compression }),
    ...(link && { 'splitlab.link.name': link.name }),
    ...(clock && {
      'splitlab.clock.offset_us': clock.offsetMicroseconds,
      'splitlab.clock.uncertainty_us': clock.uncertaintyMicroseconds,
    }),
  };
}
