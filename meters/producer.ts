import { type HrTime, ValueType } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type MetricData,
  type MetricProducer,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { toolVersion } from '../api/version.ts';
import type { Family, Registry, Series, Snapshot } from './registry.ts';

/**
 * The registry as OpenTelemetry's readers and exporters take it. This file loads the SDK: import it where something is
 * sent over OTLP, and nowhere else.
 */
export function metricProducer(registry: Registry): MetricProducer {
  return { collect: async () => ({ resourceMetrics: resourceMetrics(registry.snapshot()), errors: [] }) };
}

export function resourceMetrics(snapshot: Snapshot): ResourceMetrics {
  const startTime = hrTime(snapshot.startedAtMs);
  const endTime = hrTime(snapshot.takenAtMs);
  const metrics = snapshot.families
    .filter(({ series }) => series.length > 0)
    .map((family) => metricData(family, { startTime, endTime }));
  return {
    resource: resourceFromAttributes(snapshot.resource),
    scopeMetrics: [{ scope: { name: 'splitlab', version: toolVersion }, metrics }],
  };
}

type Times = Pick<DataPoint<unknown>, 'startTime' | 'endTime'>;

function metricData({ name, metric, series }: Family, times: Times): MetricData {
  const { instrument, unit, brief, buckets = [] } = metric;
  const common = {
    descriptor: { name, description: brief, unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (instrument === 'Histogram') {
    const boundaries = [...buckets];
    const dataPoints = series.flatMap(({ attributes, value }) => {
      if (typeof value === 'number') return [];
      const { counts, ...rest } = value;
      return [{ ...times, attributes, value: { ...rest, buckets: { boundaries, counts: [...counts] } } }];
    });
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = series.flatMap((one) => numberPoint(one, times));
  return instrument === 'Counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
}

function numberPoint({ attributes, value }: Series, times: Times): DataPoint<number>[] {
  return typeof value === 'number' ? [{ ...times, attributes, value }] : [];
}

function hrTime(ms: number): HrTime {
  return [Math.floor(ms / 1e3), Math.round((ms % 1e3) * 1e6)];
}
