import type { SegmentName } from '../record/record.ts';

interface SpanRow {
  /** Names of the spans that it may lie in; none: the root of a trace. */
  readonly parents: readonly string[];
  /** What it stands for, from when to when. */
  readonly brief: string;
}

const inference = ['inference'];
const transfer = ['uplink', 'downlink'];

const segments = {
  wait: { parents: inference, brief: 'From the scheduled arrival of the input to the begin of work on it.' },
  preprocess: { parents: inference, brief: 'The input becomes a tensor.' },
  head: { parents: inference, brief: 'The layers before the cut run; of the baseline LocalOnly the whole model.' },
  encode: { parents: inference, brief: 'Tensors become a frame; Pipelined: until its first chunk is handed over.' },
  uplink: { parents: inference, brief: 'Until the last byte has arrived at the remote side.' },
  remoteWait: { parents: inference, brief: 'The remote side is busy with something else.' },
  decode: { parents: inference, brief: 'The frame becomes tensors.' },
  tail: { parents: inference, brief: 'The layers after the cut run; of a remote baseline the whole model.' },
  downlink: { parents: inference, brief: 'The reply is encoded, sent, received and decoded.' },
  postprocess: { parents: inference, brief: 'The output becomes labels.' },
} as const satisfies Record<SegmentName, SpanRow>;

/** All spans by name. */
export const spans = {
  inference: {
    parents: [],
    brief: 'One input through head, link and tail. Its segments follow each other without a gap.',
  },
  ...segments,
  'busy.encode': { parents: inference, brief: 'Pipelined: from the first to the last chunk encoded.' },
  'busy.transfer': { parents: inference, brief: 'Pipelined: from the first chunk sent to the last one received.' },
  'busy.decode': { parents: inference, brief: 'Pipelined: from the begin of decoding to the last chunk decoded.' },
  'link.queue': {
    parents: transfer,
    brief: 'In the emulator: from the first byte in to the last byte served at the rate.',
  },
  'link.transit': {
    parents: transfer,
    brief: 'In the emulator: from the last byte served to the last byte delivered.',
  },
} as const satisfies Record<string, SpanRow>;

export type SpanName = keyof typeof spans;
export type LinkSpanName = 'link.queue' | 'link.transit';
