/** The programs that have metrics. */
export const programs = ['operator', 'local', 'remote', 'link'] as const;
export type Program = (typeof programs)[number];

export type Instrument = 'Counter' | 'Gauge' | 'Histogram';
export type AttributeValue = string | number;

/** The values that an attribute can have, null where it may be left out; `Process`: one text for the life of a process. */
export type AttributeValues = readonly (AttributeValue | null)[] | 'Process';

/** A metric by the conventions of OpenTelemetry: a name with dots, a unit in UCUM, attributes with bounded values. */
export interface Metric {
  readonly instrument: Instrument;
  readonly unit: string;
  readonly brief: string;
  readonly attributes: Readonly<Record<string, AttributeValues>>;
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
  readonly of: readonly Program[];
}

/** What a value counts as that is not in the list, as in OpenTelemetry's own attributes. */
export const other = '_OTHER';

/** `value` where the list has it, else `_OTHER`: what comes from outside makes no series of its own. */
export function listed<const V extends AttributeValue>(values: readonly (V | null)[], value: AttributeValue) {
  return values.find((one): one is V => one === value) ?? other;
}

/** How many series a metric has at most: all combinations of its values; `Process` counts as one. */
export function seriesBound({ attributes }: Metric): number {
  return Object.values(attributes).reduce((product, values) => product * (values === 'Process' ? 1 : values.length), 1);
}
