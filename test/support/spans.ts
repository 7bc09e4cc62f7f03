import { memorySource } from '../../worker/onnx/source.ts';
import { type Field, fields, fieldText } from '../../worker/onnx/wire.ts';

/** A span as a receiver has it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** What its status says, if that is an error; Jaeger is not asked for it. */
  readonly error?: string;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Something that takes OTLP and can be asked for what it took. */
export interface TraceReceiver extends AsyncDisposable {
  readonly endpoints: { readonly HttpProtobuf: string; readonly Grpc: string };
  /** All spans of traces that a local worker has a part in. */
  spans(): Promise<readonly ReceivedSpan[]>;
}

/**
 * The spans of an `ExportTraceServiceRequest`; field numbers from
 * https://github.com/open-telemetry/opentelemetry-proto (collector/trace/v1, trace/v1, common/v1).
 */
export function decodeSpans(data: Uint8Array): ReceivedSpan[] {
  const source = memorySource(data);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const parts = ({ start, end }: Pick<Field, 'start' | 'end'>, number: number) =>
    [...fields(source, start, end)].filter((field) => field.number === number);
  const text = (of: Field, number: number) => parts(of, number).map((field) => fieldText(source, field))[0] ?? '';
  const hex = (of: Field, number: number) =>
    parts(of, number).map(({ start, end }) => Buffer.from(data.subarray(start, end)).toString('hex'))[0] ?? '';
  const nanoseconds = (of: Field, number: number) =>
    parts(of, number).map(({ start }) => view.getBigUint64(start, true))[0] ?? 0n;

  function value(of: Field): Attributes[string] {
    const [field] = fields(source, of.start, of.end);
    if (field?.number === 1) return fieldText(source, field);
    if (field?.number === 2) return field.value === 1;
    if (field?.number === 3) return field.value;
    if (field?.number === 4) return view.getFloat64(field.start, true);
    throw new Error(`an attribute's value is of kind ${field?.number}`);
  }
  const errorOf = (status: Field | undefined) =>
    status && parts(status, 3)[0]?.value === 2 ? { error: text(status, 2) } : {};
  const attributes = (of: Field, number: number): Attributes =>
    Object.fromEntries(parts(of, number).map((pair) => [text(pair, 1), parts(pair, 2).map(value)[0] ?? '']));

  return parts({ start: 0, end: data.length }, 1).flatMap((ofResource) => {
    const resource = Object.assign({}, ...parts(ofResource, 1).map((field) => attributes(field, 1)));
    const spans = parts(ofResource, 2).flatMap((ofScope) => parts(ofScope, 2));
    return spans.map((span) => ({
      traceId: hex(span, 1),
      spanId: hex(span, 2),
      parentSpanId: hex(span, 4),
      name: text(span, 5),
      startNs: nanoseconds(span, 7),
      endNs: nanoseconds(span, 8),
      attributes: attributes(span, 9),
      resource,
      links: parts(span, 13).map((link) => ({ traceId: hex(link, 1), spanId: hex(link, 2) })),
      ...errorOf(parts(span, 15)[0]),
    }));
  });
}
