import { z } from 'zod';
import { codecSchema } from './codec.ts';
import { cutsSchema } from './cuts.ts';
import { inputSchema } from './input.ts';
import { linkSchema } from './link.ts';
import { distinctLinks } from './link-content.ts';
import { distinctList, mapList, setList } from './lists.ts';
import { measurementSchema, toleranceSchema } from './measurement.ts';
import { modelSchema } from './model.ts';
import { outputSchema } from './output.ts';
import { claimSchema } from './references.ts';
import { withRules } from './rules.ts';
import { telemetrySchema } from './telemetry.ts';
import { integer } from './values.ts';
import { workerSchema } from './worker.ts';

const baselineSchema = z.enum(['LocalOnly', 'RemoteSource', 'RemotePixels', 'RemoteTensor']);
export const objectiveSchema = z.enum([
  'LatencyP50',
  'UplinkBytes',
  'Accuracy',
  'LocalEnergy',
  'LocalMemory',
  'Throughput',
]);

/** What is to be measured. */
export const specSchema = z
  .strictObject({
    model: modelSchema,
    input: inputSchema.prefault({}),
    output: outputSchema.prefault({}),
    cuts: cutsSchema.prefault({}),
    baselines: setList(baselineSchema, { max: 4 })
      .default(['LocalOnly', 'RemoteSource', 'RemoteTensor'])
      .describe(
        "What the cuts are compared with. LocalOnly: the whole model here. RemoteSource: the original file's bytes are sent. RemotePixels: RGB of 8 bit at the model's size is sent. RemoteTensor: the preprocessed tensor is sent.",
      ),
    batchSizes: setList(integer(1, 4096), { min: 1, max: 16 })
      .default([1])
      .describe('How many inputs one inference takes at once.'),
    codecs: distinctList(codecSchema, { min: 1, max: 32 })
      .prefault([{ type: 'Float32' }])
      .describe('How tensors are encoded for the link; each is tried at each cut.'),
    transfer: z
      .enum(['Sequential', 'Pipelined'])
      .default('Sequential')
      .describe(
        'Sequential: encode, send, receive, decode one after the other. Pipelined: they overlap, chunk by chunk.',
      ),
    links: withRules(mapList(linkSchema, 'name', { min: 1, max: 64 }), distinctLinks)
      .prefault([{ name: 'none', type: 'None' }])
      .describe('The networks between local and remote; each is tried at each cut.'),
    measurement: measurementSchema.prefault({}),
    tolerance: toleranceSchema.prefault({}),
    objectives: setList(objectiveSchema, { min: 1, max: 6 })
      .default(['LatencyP50', 'UplinkBytes'])
      .describe('What counts as good; one that cannot be measured is left out of the comparison, with a warning.'),
    lanes: integer(1, 64)
      .default(1)
      .describe('Pairs of local and remote workers that share the trials. Local runs have one.'),
    allowMixedMachines: z
      .boolean()
      .default(false)
      .describe('Go on when a worker comes back on another kind of machine.'),
    local: workerSchema.prefault({}).describe('The side of the device, which runs the head.'),
    remote: workerSchema.prefault({}).describe('The side of the server, which runs the tail.'),
    cache: z
      .strictObject({
        persistentVolumeClaim: claimSchema.optional().describe('A claim that keeps models between experiments.'),
      })
      .optional()
      .describe('Where downloaded and generated models are kept in a cluster.'),
    telemetry: telemetrySchema.optional(),
    results: z
      .strictObject({
        deletionPolicy: z
          .enum(['Delete', 'Retain'])
          .default('Delete')
          .describe(
            'What becomes of the results when the object is deleted by hand. Deletion after ttlSecondsAfterFinished always retains them.',
          ),
      })
      .prefault({})
      .describe('What becomes of the results.'),
    suspend: z.boolean().default(false).describe('Stop the workers and keep what was measured, until this is false.'),
    activeDeadlineSeconds: integer(1, 31_536_000)
      .optional()
      .describe('The longest that the experiment may run, in seconds that it is not suspended.'),
    ttlSecondsAfterFinished: integer(0, 31_536_000)
      .optional()
      .describe('How long the object is kept after the end, in seconds; absent: for ever.'),
    backoffLimit: integer(0, 100).default(3).describe('Further attempts that a visit gets.'),
  })
  .describe('What is to be measured.');

export type Spec = z.output<typeof specSchema>;
export type Baseline = z.output<typeof baselineSchema>;
export type Objective = z.output<typeof objectiveSchema>;
