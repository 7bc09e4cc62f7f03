import type { Instrument } from './metric.ts';
import { operatorMetrics } from './metrics/operator.ts';
import { processMetrics } from './metrics/process.ts';
import { workerMetrics } from './metrics/worker.ts';

/** All metrics, by their name. One that is not here, or a label that it does not have, does not compile. */
export const metrics = { ...operatorMetrics, ...workerMetrics, ...processMetrics } as const;

type Table = typeof metrics;
export type MetricName = keyof Table;

type Named<I extends Instrument> = { [N in MetricName]: Table[N]['instrument'] extends I ? N : never }[MetricName];
export type CounterName = Named<'Counter'>;
export type GaugeName = Named<'Gauge'>;
export type HistogramName = Named<'Histogram'>;

/** The attributes of one value of a metric. */
export type Labels<N extends MetricName> = {
  readonly [A in keyof Table[N]['attributes']]: Table[N]['attributes'][A] extends readonly (infer V)[] ? V : string;
};
