import { z } from 'zod';
import { claimPathSchema, configMapKeyRefSchema, downloadSchema, localPath } from './references.ts';
import { exactlyOneOf, notInACluster, withRules } from './rules.ts';
import { duration, labelName } from './values.ts';

const traceSourceSchema = withRules(
  z.strictObject({
    builtin: labelName().optional().describe('A recording that comes with splitlab.'),
    configMapKeyRef: configMapKeyRefSchema.optional().describe('A key of a ConfigMap.'),
    persistentVolumeClaim: claimPathSchema.optional().describe('A file in a PersistentVolumeClaim.'),
    http: downloadSchema.optional().describe('A file on the web.'),
    file: localPath()
      .optional()
      .describe('A file on this machine, relative to the manifest. For local runs; refused in a cluster.'),
  }),
  exactlyOneOf(['builtin', 'configMapKeyRef', 'persistentVolumeClaim', 'http', 'file']),
  notInACluster('file', 'configMapKeyRef, persistentVolumeClaim or http'),
);

/** A recorded link that is played back. */
export const traceSchema = z
  .strictObject({
    format: z
      .enum(['Mahimahi', 'Csv'])
      .describe(
        'Mahimahi: one line per packet of 1504 bytes, the millisecond at which it may leave. Csv: the columns t_ms,bits_per_second,delay_ms.',
      ),
    uplink: traceSourceSchema.describe('The recording from local to remote: exactly one source.'),
    downlink: traceSourceSchema.describe('The recording from remote to local: exactly one source.'),
    delay: duration({ min: '0s', max: '10s' })
      .optional()
      .describe('One-way delay, for a format that does not hold it.'),
    start: z.enum(['Fixed']).default('Fixed').describe('Fixed: every visit begins at the start of the recording.'),
  })
  .describe('A recorded link that is played back.');

export type Trace = z.output<typeof traceSchema>;
