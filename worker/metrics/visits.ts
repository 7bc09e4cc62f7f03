import type { LinkProfile } from '../../api/messages/link.ts';
import { segmentNames, type VisitRecord } from '../../api/record/record.ts';
import type { Sample } from '../../api/record/samples.ts';
import type { Registry } from '../../meters/registry.ts';

/** What a local worker counts of its visits. */
export interface VisitMetrics {
  /** Call it once the record is stored; `requested` is what the visit's link asks for, null where it is not shaped. */
  visit(record: VisitRecord, samples: readonly Sample[], requested: LinkProfile): void;
  /** Spans whose sending has ended. */
  spans(count: number, arrived: boolean): void;
}

export function visitMetrics(registry: Registry): VisitMetrics {
  // Known from the start, so that the first of each is seen as an increase.
  registry.add('splitlab.visits', { 'splitlab.verdict': 'Accepted', 'splitlab.verdict.reason': 'WithinTolerance' }, 0);
  for (const lost of [null, 'lost'] as const)
    registry.add('otel.sdk.exporter.span.exported', { 'error.type': lost }, 0);
  for (const direction of ['transmit', 'receive'] as const) {
    registry.add('splitlab.inference.io', { 'network.io.direction': direction }, 0);
  }
  return {
    visit(record, samples, requested) {
      const { result, reason } = record.verdict;
      registry.add('splitlab.visits', { 'splitlab.verdict': result, 'splitlab.verdict.reason': reason });
      addDurations(registry, samples);
      const { up, down } = record.bytes.application;
      registry.add('splitlab.inference.io', { 'network.io.direction': 'transmit' }, (up?.mean ?? 0) * samples.length);
      registry.add('splitlab.inference.io', { 'network.io.direction': 'receive' }, (down?.mean ?? 0) * samples.length);
      if (record.link) setLink(registry, record.link, requested);
    },
    spans: (count, arrived) =>
      registry.add('otel.sdk.exporter.span.exported', { 'error.type': arrived ? null : 'lost' }, count),
  };
}

function addDurations(registry: Registry, samples: readonly Sample[]): void {
  const record = (segment: (typeof segmentNames)[number] | 'total', ms: number | null) => {
    // Below zero by the clock's error alone; the sum of a histogram must not fall.
    if (ms !== null) {
      registry.record('splitlab.inference.duration', { 'splitlab.segment': segment }, Math.max(ms, 0) / 1e3);
    }
  };
  for (const { segments, totalMs } of samples) {
    for (const segment of segmentNames) record(segment, segments[segment]);
    record('total', totalMs);
  }
}

function setLink(registry: Registry, { achieved }: NonNullable<VisitRecord['link']>, requested: LinkProfile): void {
  const found = achieved.after ?? achieved.before;
  for (const direction of ['uplink', 'downlink'] as const) {
    const labels = { 'splitlab.link.direction': direction };
    registry.set('splitlab.link.bandwidth.requested', labels, requested?.[direction].bitsPerSecond ?? null);
    registry.set('splitlab.link.bandwidth.achieved', labels, found?.[`${direction}BitsPerSecond`] ?? null);
  }
  const askedMs = requested && requested.uplink.delayMs + requested.downlink.delayMs;
  registry.set('splitlab.link.rtt.requested', {}, askedMs === null ? null : askedMs / 1e3);
  registry.set('splitlab.link.rtt.achieved', {}, found ? found.rttMilliseconds / 1e3 : null);
}
