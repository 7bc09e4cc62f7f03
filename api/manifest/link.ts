import { z } from 'zod';
import { memberNamedByType, withRules } from './rules.ts';
import { traceSchema } from './trace.ts';
import { decimalText, duration, integer, labelName, quantity, text } from './values.ts';

const lossSchema = z.strictObject({
  percent: decimalText({ min: '0', max: '50' }).describe('Share of packets lost, in percent.'),
  meanBurst: decimalText({ min: '1', max: '1000' })
    .default('1')
    .describe('Mean number of packets lost in a row (Gilbert-Elliott); 1 for independent losses.'),
});

const directionSchema = z.strictObject({
  bandwidth: quantity({ min: '100k', max: '100G' }).describe('Bits per second of IP packets.'),
  delay: duration({ min: '0s', max: '10s' }).describe('Least one-way delay.'),
  jitter: duration({ min: '0s', max: '10s' }).optional().describe('Standard deviation of what is added to the delay.'),
  jitterCorrelation: duration({ min: '0s', max: '10s' })
    .optional()
    .describe('Over how long the added delay stays alike.'),
  loss: lossSchema.optional().describe('Packets that are lost.'),
  queueBytes: integer(1_500, 1_073_741_824)
    .optional()
    .describe('Size of the queue in front of the link; absent: it never fills.'),
});

/** Rate and delay of a link, each way. */
const profileSchema = z
  .strictObject({
    transport: z
      .enum(['Tcp', 'Fluid'])
      .default('Tcp')
      .describe(
        'Tcp: slow start, restart after idle and recovery from loss are modelled. Fluid: bytes flow at the rate and arrive after the delay.',
      ),
    uplink: directionSchema.describe('From local to remote.'),
    downlink: directionSchema.describe('From remote to local.'),
  })
  .describe('Rate and delay of the link, each way.');

const linkObjectSchema = z.strictObject({
  name: labelName().describe('Name of the link, unique in the list; results are listed under it.'),
  type: z
    .enum(['Preset', 'Profile', 'Trace', 'None'])
    .describe(
      'Preset: a known kind of network. Profile: rate and delay as given. Trace: a recording. None: the network as it is, measured and not shaped.',
    ),
  preset: text(63, /^[A-Za-z][A-Za-z0-9]*$/, 'the name of a preset such as WiFi')
    .optional()
    .describe('Name of the preset.'),
  profile: profileSchema.optional(),
  trace: traceSchema.optional(),
});

/** The network between local and remote. */
export const linkSchema = withRules(
  linkObjectSchema,
  memberNamedByType({ Preset: 'preset', Profile: 'profile', Trace: 'trace' }),
).describe('The network between local and remote.');

export type Link = z.output<typeof linkSchema>;
export type Profile = z.output<typeof profileSchema>;
export type Direction = z.output<typeof directionSchema>;
