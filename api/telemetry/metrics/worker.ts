import { segmentNames, verdictReasons, verdictResults } from '../../record/record.ts';
import type { Metric } from '../metric.ts';

const linkDirection = ['uplink', 'downlink'] as const;

/** What workers say of what they measured; each value is taken from a visit whose record is stored. */
export const workerMetrics = {
  'splitlab.visits': {
    instrument: 'Counter',
    unit: '{visit}',
    brief: 'Attempts at visits whose record is stored, by their verdict.',
    attributes: { 'splitlab.verdict': verdictResults, 'splitlab.verdict.reason': verdictReasons },
    of: ['local'],
  },
  'splitlab.inference.duration': {
    instrument: 'Histogram',
    unit: 's',
    brief: 'How long the segments of the measured inferences took, and the whole.',
    attributes: { 'splitlab.segment': [...segmentNames, 'total'] },
    buckets: [1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    of: ['local'],
  },
  'splitlab.inference.io': {
    instrument: 'Counter',
    unit: 'By',
    brief: 'Bytes of the measured inferences at the socket, seen from the local side.',
    attributes: { 'network.io.direction': ['transmit', 'receive'] },
    of: ['local'],
  },
  'splitlab.link.bandwidth.requested': {
    instrument: 'Gauge',
    unit: 'bit/s',
    brief: 'Rate at the IP layer that the link of the last visit asks for; absent where it is not shaped.',
    attributes: { 'splitlab.link.direction': linkDirection },
    of: ['local'],
  },
  'splitlab.link.bandwidth.achieved': {
    instrument: 'Gauge',
    unit: 'bit/s',
    brief: 'The same as the probe after the last visit found it.',
    attributes: { 'splitlab.link.direction': linkDirection },
    of: ['local'],
  },
  'splitlab.link.rtt.requested': {
    instrument: 'Gauge',
    unit: 's',
    brief: 'Round trip that the link of the last visit asks for: the delays of both directions.',
    attributes: {},
    of: ['local'],
  },
  'splitlab.link.rtt.achieved': {
    instrument: 'Gauge',
    unit: 's',
    brief: 'The same as the probe after the last visit found it.',
    attributes: {},
    of: ['local'],
  },
  'otel.sdk.exporter.span.exported': {
    instrument: 'Counter',
    unit: '{span}',
    brief: 'Spans whose sending has ended, by whether they were lost.',
    attributes: { 'error.type': [null, 'lost'] },
    of: ['local'],
  },
} as const satisfies Readonly<Record<string, Metric>>;
