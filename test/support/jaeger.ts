import { z } from 'zod';
import { startJaegerServer } from '../../cli/jaeger/server.ts';
import type { Attributes, ReceivedSpan, TraceReceiver } from './spans.ts';

/** A real Jaeger, whose own API tells what it was sent. */
export async function startJaeger(): Promise<TraceReceiver> {
  const server = await startJaegerServer();
  return {
    endpoints: server.endpoints,
    ...jaegerApi(server.queryUrl),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** What a Jaeger tells of what it was sent. */
export type JaegerApi = Pick<TraceReceiver, 'spans'>;

/** Asks the query service at this address, without a path. */
export function jaegerApi(queryUrl: string): JaegerApi {
  return { spans: () => findSpans(`${queryUrl}/api/v3`) };
}

const attributesSchema = z
  .array(
    z.object({
      key: z.string(),
      value: z.union([
        z.object({ stringValue: z.string() }).transform((value) => value.stringValue),
        z.object({ boolValue: z.boolean() }).transform((value) => value.boolValue),
        z.object({ intValue: z.coerce.number() }).transform((value) => value.intValue),
        z.object({ doubleValue: z.number() }).transform((value) => value.doubleValue),
      ]),
    }),
  )
  .default([])
  .transform((pairs): Attributes => Object.fromEntries(pairs.map(({ key, value }) => [key, value])));

const tracesSchema = z.object({
  result: z.object({
    resourceSpans: z
      .array(
        z.object({
          resource: z.object({ attributes: attributesSchema }),
          scopeSpans: z.array(
            z.object({
              spans: z.array(
                z.object({
                  traceId: z.string(),
                  spanId: z.string(),
                  parentSpanId: z.string().default(''),
                  name: z.string(),
                  startTimeUnixNano: z.string(),
                  endTimeUnixNano: z.string(),
                  attributes: attributesSchema,
                  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
                }),
              ),
            }),
          ),
        }),
      )
      .default([]),
  }),
});

/** Everything it has of the last hour, without its adjustments. */
async function findSpans(api: string): Promise<ReceivedSpan[]> {
  const hourMs = 3_600_000;
  const query = new URLSearchParams({
    'query.service_name': 'splitlab-local',
    'query.start_time_min': new Date(Date.now() - hourMs).toISOString(),
    'query.start_time_max': new Date(Date.now() + hourMs).toISOString(),
    'query.num_traces': '10000',
    'query.raw_traces': 'true',
  });
  const response = await fetch(`${api}/traces?${query}`);
  // What it says when it has none.
  if (response.status === 404) return [];
  if (!response.ok) throw new Error(`Jaeger answers ${response.status}: ${await response.text()}`);
  const { result } = tracesSchema.parse(await response.json());
  return result.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ startTimeUnixNano, endTimeUnixNano, ...span }) => ({
        ...span,
        startNs: BigInt(startTimeUnixNano),
        endNs: BigInt(endTimeUnixNano),
        resource: resource.attributes,
      })),
  );
}
