import { z } from 'zod';
import { map, mapList } from './lists.ts';
import { withMeta } from './rules.ts';
import { integer, quantity, text } from './values.ts';

/** The execution providers of ONNX Runtime that can be asked for. */
export const executionProviders = ['CPU', 'CUDA', 'TensorRT', 'WebGPU', 'CoreML', 'DirectML', 'QNN'] as const;
export type ExecutionProvider = (typeof executionProviders)[number];

const sessionSchema = z
  .strictObject({
    optimization: z
      .enum(['All', 'Extended', 'Basic', 'Disabled'])
      .default('All')
      .describe('Level of graph optimisation, the same for parts and whole.'),
    providerOptions: mapList(
      z.strictObject({
        name: text(128).describe('Name of the option.'),
        value: text(1024).describe('Its value.'),
      }),
      'name',
      { max: 64 },
    )
      .default([])
      .describe('Options that are handed to the execution provider.'),
  })
  .describe('How ONNX Runtime runs the model.');

const amounts = () => map(quantity({ min: '0', max: '1E' }), { max: 32, maxKeyLength: 317 });

const resourcesSchema = z
  .strictObject({
    limits: amounts().optional().describe('The most that the worker may use.'),
    requests: amounts().optional().describe('What is set aside for the worker.'),
  })
  .describe('Compute resources of the worker in a cluster.');

/** One side of the experiment: what runs the head or the tail. */
export const workerSchema = z.strictObject({
  executionProvider: z
    .enum(executionProviders)
    .default('CPU')
    .describe('What ONNX Runtime computes with; one that is not there is an error, never replaced silently.'),
  device: integer(0, 255).default(0).describe('Index of the device, where there are several.'),
  threads: integer(1, 1024).default(1).describe('Threads that one inference uses on the CPU.'),
  session: sessionSchema.prefault({}),
  resources: resourcesSchema.optional(),
  template: withMeta(z.record(z.string(), z.unknown()), { 'x-kubernetes-preserve-unknown-fields': true })
    .optional()
    .describe(
      "A partial pod template that is merged into the worker's pod, containers by name; names and security context of splitlab win.",
    ),
});

export type WorkerSpec = z.output<typeof workerSchema>;
