import { z } from 'zod';
import { metadataSchema } from './metadata.ts';
import { specSchema } from './spec.ts';

export const apiVersion = 'splitlab.dev/v1alpha1';
export const kind = 'SplitExperiment';

/** A whole manifest, as `kubectl apply` and `splitlab run` take it; parsing fills in the defaults. */
export const manifestSchema = z
  .strictObject({
    apiVersion: z.literal(apiVersion).describe('Version of this schema.'),
    kind: z.literal(kind).describe('Kind of the object.'),
    metadata: metadataSchema,
    spec: specSchema,
  })
  .describe('An experiment that measures where to divide a model between a device and a server.');

/** A manifest with its defaults filled in. */
export type Manifest = z.output<typeof manifestSchema>;

export type { Codec } from './codec.ts';
export type { Cuts } from './cuts.ts';
export type { Input, Preprocess } from './input.ts';
export type { Direction, Link, Profile } from './link.ts';
export type { Measurement, Tolerance } from './measurement.ts';
export type { Metadata } from './metadata.ts';
export type { Model, ZooModel } from './model.ts';
export type { Output } from './output.ts';
export type { Baseline, Objective, Spec } from './spec.ts';
export type { Telemetry } from './telemetry.ts';
export type { Trace } from './trace.ts';
export type { ExecutionProvider, WorkerSpec } from './worker.ts';
