import { segmentNames } from '../../record/record.ts';
import type { AttributeTable } from '../attribute.ts';

const busy = ['busy.encode', 'busy.transfer', 'busy.decode'] as const;
const link = ['link.queue', 'link.transit'] as const;
const transfer = ['uplink', 'downlink'] as const;
/** The segments that may be of the remote side or end there, and the whole. */
const mapped = [
  'inference',
  'preprocess',
  'uplink',
  'remoteWait',
  'decode',
  'tail',
  'downlink',
  'postprocess',
  'busy.transfer',
  'busy.decode',
] as const;

/** Where time went inside one inference. */
export const inferenceAttributes = {
  'splitlab.side': {
    type: 'string',
    brief: 'Where it happened: local, link or remote.',
    example: 'remote',
    on: [...segmentNames, ...busy, ...link],
  },
  'splitlab.ms': {
    type: 'double',
    unit: 'ms',
    brief: 'How long it took. Below zero where the clock error exceeds a segment: the span is empty then.',
    example: 3.25,
    on: [...segmentNames, ...busy, ...link],
  },
  'splitlab.clock.offset_us': {
    type: 'double',
    unit: 'us',
    brief: 'Remote minus local clock, as measured in the middle of the visit; taken off here.',
    example: -250_013.5,
    on: mapped,
  },
  'splitlab.clock.uncertainty_us': {
    type: 'double',
    unit: 'us',
    brief: 'How far remote times may be off, either way.',
    example: 61.4,
    on: mapped,
  },
  'splitlab.clock.drift_ppm': {
    type: 'double',
    unit: 'ppm',
    brief: 'How much the offset grows.',
    example: 1.2,
    on: ['inference'],
  },
  'splitlab.clipped': {
    type: 'boolean',
    brief: 'The span would reach beyond its parent, by the clock error, and ends with it.',
    example: true,
    on: [...busy, ...link],
  },
  'splitlab.link.bursts': {
    type: 'int',
    brief: 'In how many pieces the bytes came to the emulator.',
    example: 1,
    on: link,
  },
  'splitlab.link.payload': {
    type: 'int',
    unit: 'bytes',
    brief: 'TCP payload that it carried, control messages included.',
    example: 150_732,
    on: link,
  },
  'splitlab.link.queue_peak': {
    type: 'int',
    unit: 'bytes',
    brief: 'The most that waited for the link, with IP and TCP headers.',
    example: 148_200,
    on: link,
  },
  'splitlab.link.first_in_ms': {
    type: 'double',
    unit: 'ms',
    brief: 'The first byte came to the emulator, from the begin of the inference.',
    example: 4.1,
    on: link,
  },
  'splitlab.link.last_in_ms': {
    type: 'double',
    unit: 'ms',
    brief: 'The last byte came to the emulator, from the begin of the inference.',
    example: 5.9,
    on: link,
  },
  'splitlab.link.last_served_ms': {
    type: 'double',
    unit: 'ms',
    brief: 'The last byte had passed at the rate of the link, from the begin of the inference.',
    example: 245.3,
    on: link,
  },
  'splitlab.link.last_delivered_ms': {
    type: 'double',
    unit: 'ms',
    brief: 'The last byte was written to the other side, from the begin of the inference.',
    example: 265.4,
    on: link,
  },
  'messaging.system': { type: 'string', brief: 'What carries tensors.', example: 'nats', on: transfer },
  'messaging.operation.type': { type: 'string', brief: 'Always send.', example: 'send', on: transfer },
  'messaging.operation.name': { type: 'string', brief: 'Always publish.', example: 'publish', on: transfer },
  'messaging.destination.name': {
    type: 'string',
    brief: 'The subject; large frames add a token to it.',
    example: 'splitlab.0.u1.lane.0.up',
    on: transfer,
  },
  'messaging.message.body.size': {
    type: 'int',
    unit: 'bytes',
    brief: 'The frame.',
    example: 150_528,
    on: transfer,
  },
  'messaging.message.envelope.size': {
    type: 'int',
    unit: 'bytes',
    brief: 'The frame with what NATS adds to it, as written to the socket.',
    example: 150_732,
    on: transfer,
  },
} as const satisfies AttributeTable;
