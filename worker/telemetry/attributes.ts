import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { VisitRecord } from '../../api/record/record.ts';
import { type Attributes, presentAttributes } from '../../api/telemetry/attributes.ts';
import { toolVersion } from '../../api/version.ts';
import type { Self } from '../announce.ts';

/** Who a span is of, by the semantic conventions (https://opentelemetry.io/docs/specs/semconv/resource/). */
export function resourceOf(worker: Self): Resource {
  const { side, lane, podAttempt, machine, instance, podUid, kubernetes, process } = worker;
  const { node, pod, gpu } = machine;
  const own: Attributes = {
    'service.name': `splitlab-${side}`,
    'service.namespace': 'splitlab',
    'service.version': toolVersion,
    'service.instance.id': instance,
    'process.pid': process?.pid,
    'process.runtime.name': process ? 'nodejs' : undefined,
    'process.runtime.version': process?.nodeVersion,
    'host.name': node,
    'host.cpu.model.name': machine.cpuModel ?? undefined,
    'k8s.namespace.name': kubernetes?.namespace,
    'k8s.container.name': kubernetes?.container,
    'k8s.pod.name': pod ?? undefined,
    'k8s.pod.uid': podUid ?? undefined,
    'k8s.node.name': pod === null ? undefined : node,
    'hw.type': gpu ? 'gpu' : undefined,
    'hw.model': gpu?.name,
    'splitlab.gpu.count': gpu?.count,
    'splitlab.gpu.memory': gpu?.memoryTotalBytes ?? undefined,
    'splitlab.execution_provider': machine.executionProvider,
    'splitlab.lane': lane,
    'splitlab.pod_attempt': podAttempt,
  };
  return defaultResource().merge(resourceFromAttributes(presentAttributes(own)));
}

/** The command that runs an experiment on this machine. */
export function commandResource(): Resource {
  const own: Attributes = {
    'service.name': 'splitlab',
    'service.namespace': 'splitlab',
    'service.version': toolVersion,
    'service.instance.id': randomUUID(),
    'process.pid': process.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'host.name': hostname(),
  };
  return defaultResource().merge(resourceFromAttributes(presentAttributes(own)));
}

/** What the root span says of its inference. */
export function inferenceAttributes(record: VisitRecord, repetition: number): Attributes {
  const { experiment, cut, codec, link, clock } = record;
  return {
    'splitlab.experiment.name': experiment.name,
    'splitlab.experiment.namespace': experiment.namespace,
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
    'splitlab.codec.type': codec?.type,
    'splitlab.codec.compression': codec?.compression,
    'splitlab.link.name': link?.name,
    'splitlab.clock.offset_us': clock?.offsetMicroseconds,
    'splitlab.clock.uncertainty_us': clock?.uncertaintyMicroseconds,
    'splitlab.clock.drift_ppm': clock?.driftPpm,
  };
}
