import { type Metric, other, programs } from '../metric.ts';

/** V8's parts of the heap (https://nodejs.org/api/v8.html#v8getheapspacestatistics). */
export const heapSpaces = ['new_space', 'old_space', 'code_space', 'large_object_space', other] as const;

/** What every program says of its process: OpenTelemetry's conventions for processes, Node.js and V8. */
export const processMetrics = {
  'process.memory.usage': {
    instrument: 'Gauge',
    unit: 'By',
    brief: 'Resident memory.',
    attributes: {},
    of: programs,
  },
  'process.cpu.time': {
    instrument: 'Counter',
    unit: 's',
    brief: 'Time of processors that the process used, its threads included.',
    attributes: { 'cpu.mode': ['user', 'system'] },
    of: programs,
  },
  'process.uptime': {
    instrument: 'Gauge',
    unit: 's',
    brief: 'Time since the process started.',
    attributes: {},
    of: programs,
  },
  'nodejs.eventloop.time': {
    instrument: 'Counter',
    unit: 's',
    brief: 'Time that the event loop of the main thread was busy or idle.',
    attributes: { 'nodejs.eventloop.state': ['active', 'idle'] },
    of: programs,
  },
  'v8js.memory.heap.used': {
    instrument: 'Gauge',
    unit: 'By',
    brief: 'Heap of the main thread in use.',
    attributes: { 'v8js.heap.space.name': heapSpaces },
    of: programs,
  },
  'v8js.memory.heap.limit': {
    instrument: 'Gauge',
    unit: 'By',
    brief: 'Heap of the main thread that is set aside.',
    attributes: { 'v8js.heap.space.name': heapSpaces },
    of: programs,
  },
  'splitlab.nats.reconnects': {
    instrument: 'Counter',
    unit: '{reconnect}',
    brief: 'How often a connection to NATS broke and came back.',
    attributes: { 'splitlab.nats.connection': ['control', 'data'] },
    of: programs,
  },
} as const satisfies Readonly<Record<string, Metric>>;
