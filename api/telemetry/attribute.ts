import type { SpanName } from './spans.ts';

/** As OpenTelemetry has them. A double without a fraction travels as an integer: its JavaScript exporters look at the value. */
export type AttributeType = 'string' | 'int' | 'double' | 'boolean';

/** What one attribute means. */
export interface AttributeRow {
  readonly type: AttributeType;
  /** Absent: none. */
  readonly unit?: 'ms' | 'us' | 'bytes' | 'ppm';
  readonly brief: string;
  readonly example: string | number | boolean;
  /** Where it stands: a span, or the resource of all spans of a process. */
  readonly on: readonly (SpanName | 'resource')[];
}
export type AttributeTable = Readonly<Record<string, AttributeRow>>;
