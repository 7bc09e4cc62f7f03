/**
 * Where OTLP over HTTP takes a signal at a receiver: the endpoint with the path that the specification adds
 * (https://opentelemetry.io/docs/specs/otlp/#otlphttp-request). An endpoint that has the path of traces already, as other
 * tools want it, names the same receiver.
 */
export function signalUrl(endpoint: string, signal: 'traces' | 'metrics'): string {
  return `${endpoint.replace(/\/+$/, '').replace(/\/v1\/traces$/, '')}/v1/${signal}`;
}
