import type { AttributeValue, Metric } from '../api/telemetry/metric.ts';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type Labels,
  type MetricName,
  metrics,
} from '../api/telemetry/metrics.ts';

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** What a histogram counted: `counts` has one more member than there are bounds, for what lies above them. */
export interface Distribution {
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
}

export interface Series {
  readonly attributes: Attributes;
  readonly value: number | Distribution;
}

/** A metric with all its series at one moment. */
export interface Family {
  readonly name: MetricName;
  readonly metric: Metric;
  readonly series: readonly Series[];
}

export interface Snapshot {
  /** Who tells this, by OpenTelemetry's conventions for resources. */
  readonly resource: Attributes;
  readonly startedAtMs: number;
  readonly takenAtMs: number;
  readonly families: readonly Family[];
}

/** OpenTelemetry's limit of series for one metric is 2,000; the largest table of ours stays far below. */
const mostSeries = 1_000;
const overflow: Attributes = { 'otel.metric.overflow': 'true' };

class Counts implements Distribution {
  readonly counts: number[];
  sum = 0;
  count = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  readonly #bounds: readonly number[];

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Array(bounds.length + 1).fill(0);
  }

  add(value: number): void {
    const index = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = index < 0 ? this.#bounds.length : index;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
    this.count++;
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
  }

  copy(): Distribution {
    const { sum, count, min, max } = this;
    return { counts: [...this.counts], sum, count, min, max };
  }
}

interface Cell {
  readonly attributes: Attributes;
  value: number | Counts;
}

/**
 * Keeps the metrics of one program in plain numbers. OpenTelemetry's SDK would take 25 MB of memory for that, more than
 * an operator at rest has to spare and more than a worker should load for a page that few ask for.
 */
export class Registry {
  #resource: Attributes;
  readonly #now: () => number;
  readonly #startedAtMs: number;
  readonly #families = new Map<MetricName, Map<string, Cell>>();
  readonly #observers = new Set<() => void>();

  /** `now`: milliseconds since 1970. */
  constructor(resource: Attributes, now: () => number = Date.now) {
    this.#resource = resource;
    this.#now = now;
    this.#startedAtMs = now();
  }

  /** Says more of who tells the metrics. */
  identify(resource: Attributes): void {
    this.#resource = { ...this.#resource, ...resource };
  }

  /** Counts `by` more; 0 makes the series known before anything is counted, so that its first increase is seen. */
  add<N extends CounterName>(name: N, labels: Labels<N>, by = 1): void {
    const cell = this.#cell(name, labels, 0);
    if (typeof cell.value === 'number') cell.value += by;
  }

  /** What a counter kept elsewhere stands at; never less than before. */
  total<N extends CounterName>(name: N, labels: Labels<N>, value: number): void {
    this.#cell(name, labels, 0).value = value;
  }

  /** The value of a gauge now; null: it is not known any more, and the series goes. */
  set<N extends GaugeName>(name: N, labels: Labels<N>, value: number | null): void {
    if (value === null) this.#families.get(name)?.delete(keyOf(attributesOf(labels)));
    else this.#cell(name, labels, value).value = value;
  }

  /** Adds a value to a histogram. */
  record<N extends HistogramName>(name: N, labels: Labels<N>, value: number): void {
    const { value: counts } = this.#cell(name, labels, null);
    if (counts instanceof Counts) counts.add(value);
  }

  /** Calls `read` before each snapshot, for values that are asked for and not reported. The function returned ends that. */
  observe(read: () => void): () => void {
    this.#observers.add(read);
    return () => this.#observers.delete(read);
  }

  snapshot(): Snapshot {
    for (const read of this.#observers) read();
    const families = [...this.#families].map(([name, cells]): Family => {
      const series = [...cells.values()].map(({ attributes, value }) => ({
        attributes,
        value: value instanceof Counts ? value.copy() : value,
      }));
      return { name, metric: metrics[name], series };
    });
    return { resource: this.#resource, startedAtMs: this.#startedAtMs, takenAtMs: this.#now(), families };
  }

  /** `first`: what a new series begins with; null for a histogram. */
  #cell(name: MetricName, labels: object, first: number | null): Cell {
    const cells = this.#families.get(name) ?? new Map<string, Cell>();
    this.#families.set(name, cells);
    const wanted = attributesOf(labels);
    const known = cells.get(keyOf(wanted));
    if (known) return known;
    const attributes = cells.size < mostSeries ? wanted : overflow;
    const key = keyOf(attributes);
    const metric: Metric = metrics[name];
    const cell = cells.get(key) ?? { attributes, value: first ?? new Counts(metric.buckets ?? []) };
    cells.set(key, cell);
    return cell;
  }
}

/** Without those that are left out. */
function attributesOf(labels: object): Attributes {
  const entries: [string, AttributeValue | null][] = Object.entries(labels);
  return Object.fromEntries(entries.filter((entry): entry is [string, AttributeValue] => entry[1] !== null));
}

function keyOf(attributes: Attributes): string {
  return Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .join(';');
}
