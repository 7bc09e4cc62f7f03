import type { AttributeTable } from '../attribute.ts';

const on = ['inference'] as const;

/** What was measured: names as in the record. */
export const experimentAttributes = {
  'splitlab.experiment.name': { type: 'string', brief: 'Name of the experiment.', example: 'quickstart', on },
  'splitlab.experiment.namespace': { type: 'string', brief: 'Its namespace.', example: 'default', on },
  'splitlab.experiment.uid': {
    type: 'string',
    brief: 'Tells it from others of its name.',
    example: '0b5b3f6e-4a0c-4d0c-8ce9-8a62f0d3c3d1',
    on,
  },
  'splitlab.visit.id': {
    type: 'string',
    brief: 'The visit: one trial in one block.',
    example: '8f14e45fceea167a-0',
    on,
  },
  'splitlab.trial.id': {
    type: 'string',
    brief: 'The trial: cut, codec, link, batch.',
    example: '8f14e45fceea167a',
    on,
  },
  'splitlab.attempt': { type: 'int', brief: 'Number of the attempt at the visit, from 0.', example: 0, on },
  'splitlab.repetition': { type: 'int', brief: 'Counted from 0 in the visit.', example: 7, on },
  'splitlab.verdict': { type: 'string', brief: 'Accepted, Rejected or Failed.', example: 'Accepted', on },
  'splitlab.model.name': { type: 'string', brief: 'The model.', example: 'EfficientNetLite0', on },
  'splitlab.cut.name': { type: 'string', brief: 'The cut.', example: 'after block3a/add', on },
  'splitlab.cut.kind': { type: 'string', brief: 'Cut, or the kind of the baseline.', example: 'Cut', on },
  'splitlab.transfer': { type: 'string', brief: 'Sequential or Pipelined.', example: 'Sequential', on },
  'splitlab.batch_size': { type: 'int', brief: 'Inputs of one inference.', example: 1, on },
  'splitlab.codec.type': { type: 'string', brief: 'How tensors are encoded.', example: 'Float16', on },
  'splitlab.codec.compression': { type: 'string', brief: 'How bytes are compressed.', example: 'None', on },
  'splitlab.link.name': { type: 'string', brief: 'Name of the link in the manifest.', example: 'wifi', on },
} as const satisfies AttributeTable;
