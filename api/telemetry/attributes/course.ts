import type { AttributeTable } from '../attribute.ts';

/** How an experiment went: its preparation, its visits and what the operator did about it. */
export const courseAttributes = {
  'splitlab.block': { type: 'int', brief: 'The pass over all trials, from 0.', example: 1, on: ['visit'] },
  'splitlab.reason': {
    type: 'string',
    brief: 'Of the verdict, or of the condition Succeeded.',
    example: 'Bandwidth',
    on: ['visit', 'experiment', 'reconcile'],
  },
  'splitlab.links.left_out': {
    type: 'int',
    brief: 'Inferences whose spans were sent, beyond those that the visit links to.',
    example: 72,
    on: ['visit'],
  },
  'splitlab.visits.total': { type: 'int', brief: 'Visits planned.', example: 120, on: ['experiment', 'plan'] },
  'splitlab.visits.completed': { type: 'int', brief: 'Visits accepted.', example: 118, on: ['experiment'] },
  'splitlab.visits.rejected': { type: 'int', brief: 'Visits rejected for good.', example: 1, on: ['experiment'] },
  'splitlab.visits.failed': { type: 'int', brief: 'Visits failed for good.', example: 1, on: ['experiment'] },
  'splitlab.plan.digest': {
    type: 'string',
    brief: 'Equal for equal plans.',
    example: 'sha256:9f86d081...',
    on: ['plan'],
  },
  'splitlab.model.digest': {
    type: 'string',
    brief: 'Of the file and its companions.',
    example: 'sha256:2c26b46b...',
    on: ['model.fetch'],
  },
  'splitlab.model.source': {
    type: 'string',
    brief: 'The member of spec.model: zoo, http, persistentVolumeClaim, image or file.',
    example: 'http',
    on: ['model.fetch'],
  },
  'splitlab.model.size': {
    type: 'int',
    unit: 'bytes',
    brief: 'The file without its companions.',
    example: 18_578_632,
    on: ['model.fetch'],
  },
  'splitlab.fetch.bytes': {
    type: 'int',
    unit: 'bytes',
    brief: 'What came over the network; 0: it was there already.',
    example: 18_578_632,
    on: ['model.fetch'],
  },
  'splitlab.reconcile.created': {
    type: 'string',
    brief: 'Objects that the pass made.',
    example: 'pods/quickstart-0-local-0, pods/quickstart-0-remote-0',
    on: ['reconcile'],
  },
  'splitlab.reconcile.changed': {
    type: 'string',
    brief: 'Objects that it changed.',
    example: 'splitexperiments/quickstart/status',
    on: ['reconcile'],
  },
  'splitlab.reconcile.deleted': {
    type: 'string',
    brief: 'Objects that it removed.',
    example: 'pods/quickstart-0-local-0',
    on: ['reconcile'],
  },
  'splitlab.reconcile.events': {
    type: 'string',
    brief: 'Reasons of the events that it told.',
    example: 'Planned, Progress',
    on: ['reconcile'],
  },
} as const satisfies AttributeTable;
