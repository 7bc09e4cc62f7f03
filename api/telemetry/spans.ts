import type { SegmentName } from '../record/record.ts';

interface SpanRow {
  /** Names of the spans that it may lie in; none: the root of a trace. */
  readonly parents: readonly string[];
  /** What it stands for, from when to when. */
  readonly brief: string;
}

const inference = ['inference'];
const transfer = ['uplink', 'downlink'];
const visit = ['visit'];
const prepared = ['experiment', 'lane'];

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

/** The phases of an attempt at a visit, in order; one that it did not come to is not there. */
const phases = {
  'visit.wait': { parents: visit, brief: 'Until the remote worker and the emulator answer.' },
  'visit.evaluation': {
    parents: visit,
    brief: 'Exactness and outputs, once per cut and codec; else read from the store.',
  },
  'visit.sessions': { parents: visit, brief: 'Both sides close the last session and open the one of the trial.' },
  'session.load': { parents: ['visit.sessions'], brief: 'ONNX Runtime opens the part of the model of one side.' },
  'visit.link': {
    parents: visit,
    brief: 'The emulator takes the profile; a connection through it is opened where there is none.',
  },
  'visit.warmup': { parents: visit, brief: 'Inferences that are thrown away.' },
  'visit.clock_before': { parents: visit, brief: 'Probes of the remote clock.' },
  'visit.link_before': { parents: visit, brief: 'Probes of rate and delay.' },
  'visit.repetitions': { parents: visit, brief: 'The inferences that count.' },
  'visit.usage': { parents: visit, brief: 'What both sides and the emulator used is read.' },
  'visit.clock_after': { parents: visit, brief: 'Probes of the remote clock.' },
  'visit.link_after': { parents: visit, brief: 'Probes of rate and delay.' },
  'visit.close': { parents: visit, brief: 'The local session is closed.' },
  'visit.store': { parents: visit, brief: 'Until samples and record are in the store.' },
} as const satisfies Record<string, SpanRow>;

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
  visit: { parents: [], brief: 'One attempt at a visit. Links to its inferences and to the experiment.' },
  ...phases,
  experiment: {
    parents: [],
    brief: 'All of an experiment, or of one run of the command; may lie in a trace of others.',
  },
  lane: { parents: ['experiment'], brief: 'One worker of a lane, from its start to its end.' },
  'model.fetch': { parents: prepared, brief: 'The model is found, fetched where it is not there yet, and checked.' },
  plan: { parents: prepared, brief: 'Model and inputs are read and the visits planned.' },
  reconcile: { parents: ['experiment'], brief: 'One pass of the operator that changed something, or failed.' },
} as const satisfies Record<string, SpanRow>;

export type SpanName = keyof typeof spans;
export type LinkSpanName = 'link.queue' | 'link.transit';
