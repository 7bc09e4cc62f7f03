import type { AttributeTable } from '../attribute.ts';

const visit = ['inference', 'visit'] as const;
const all = [...visit, 'experiment', 'lane', 'model.fetch', 'plan', 'reconcile'] as const;

/** What was measured: names as in the record. */
export const experimentAttributes = {
  'splitlab.experiment.name': { type: 'string', brief: 'Name of the experiment.', example: 'quickstart', on: all },
  'splitlab.experiment.namespace': { type: 'string', brief: 'Its namespace.', example: 'default', on: all },
  'splitlab.experiment.uid': {
    type: 'string',
    brief: 'Tells it from others of its name.',
    example: '0b5b3f6e-4a0c-4d0c-8ce9-8a62f0d3c3d1',
    on: all,
  },
  'splitlab.visit.id': {
    type: 'string',
    brief: 'The visit: one trial in one block.',
    example: '8f14e45fceea167a-0',
    on: visit,
  },
  'splitlab.trial.id': {
    type: 'string',
    brief: 'The trial: cut, codec, link, batch.',
    example: '8f14e45fceea167a',
    on: visit,
  },
  'splitlab.attempt': { type: 'int', brief: 'Number of the attempt at the visit, from 0.', example: 0, on: visit },
  'splitlab.repetition': { type: 'int', brief: 'Counted from 0 in the visit.', example: 7, on: ['inference'] },
  'splitlab.verdict': { type: 'string', brief: 'Accepted, Rejected or Failed.', example: 'Accepted', on: visit },
  'splitlab.model.name': {
    type: 'string',
    brief: 'The model.',
    example: 'EfficientNetLite0',
    on: [...visit, 'experiment', 'model.fetch'],
  },
  'splitlab.cut.name': { type: 'string', brief: 'The cut.', example: 'after block3a/add', on: visit },
  'splitlab.cut.kind': { type: 'string', brief: 'Cut, or the kind of the baseline.', example: 'Cut', on: visit },
  'splitlab.transfer': { type: 'string', brief: 'Sequential or Pipelined.', example: 'Sequential', on: visit },
  'splitlab.batch_size': { type: 'int', brief: 'Inputs of one inference.', example: 1, on: visit },
  'splitlab.codec.type': { type: 'string', brief: 'How tensors are encoded.', example: 'Float16', on: visit },
  'splitlab.codec.compression': { type: 'string', brief: 'How bytes are compressed.', example: 'None', on: visit },
  'splitlab.link.name': { type: 'string', brief: 'Name of the link in the manifest.', example: 'wifi', on: visit },
} as const satisfies AttributeTable;
