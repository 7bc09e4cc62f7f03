import { z } from 'zod';
import { memberNamedByType, withRules } from './rules.ts';
import { decimalText, duration, integer } from './values.ts';

const deadline = () => duration({ min: '1us', max: '3600s' });

const serverSchema = z
  .strictObject({
    queriesPerSecond: decimalText({ min: '0.001', max: '100000' }).describe('Mean rate of arrivals.'),
    findMaximum: z
      .strictObject({
        deadline: deadline().describe('The latency to keep.'),
        percentile: integer(1, 99).default(99).describe('Share of inferences that must keep it, in percent.'),
      })
      .optional()
      .describe('Search the greatest rate that keeps a deadline, beginning with queriesPerSecond.'),
  })
  .describe('Independent arrivals (Poisson).');

const periodicSchema = z
  .strictObject({
    framesPerSecond: decimalText({ min: '0.001', max: '100000' }).describe('Rate of the frames.'),
    deadline: deadline().optional().describe('A frame later than this is counted as missed.'),
    maxInFlight: integer(1, 1024).default(1).describe('The most frames under way at once.'),
    overload: z
      .enum(['DropOldest', 'Queue'])
      .default('DropOldest')
      .describe('What happens to frames that come while the most are under way.'),
  })
  .describe('Frames at even intervals, as from a camera.');

/** How often and in what order the trials are measured. */
export const measurementSchema = withRules(
  z.strictObject({
    mode: z
      .enum(['SingleStream', 'Server', 'Periodic', 'Offline'])
      .default('SingleStream')
      .describe(
        "When inputs arrive, in the manner of MLPerf's scenarios. SingleStream: the next when the last is done. Server: at random. Periodic: at even intervals. Offline: all at once.",
      ),
    server: serverSchema.optional(),
    periodic: periodicSchema.optional(),
    warmup: integer(0, 10_000).default(3).describe('Inferences thrown away at the start of each visit.'),
    repetitions: integer(1, 100_000)
      .default(10)
      .describe('Inferences measured per visit, rounded up to whole passes over the inputs.'),
    duration: duration({ min: '1ms', max: '24h', long: true })
      .optional()
      .describe('How long a visit measures, instead of a number of repetitions; for Server and Periodic.'),
    blocks: integer(1, 1000).default(3).describe('How often all trials are gone through.'),
    until: z
      .strictObject({
        relativeErrorPercent: decimalText({ min: '0.01', max: '100' }).describe(
          "Half the width of the median's 95 % interval, in percent of the median.",
        ),
        maxRepetitions: integer(1, 100_000).default(200).describe('The most repetitions of a visit.'),
      })
      .optional()
      .describe('Go on repeating until the median is known this well.'),
    timeLimit: duration({ min: '1ms', max: '24h', long: true })
      .default('5m')
      .describe('The longest that a visit may measure; loading the model does not count.'),
    order: z
      .enum(['Random', 'Listed'])
      .default('Random')
      .describe(
        'Random: groups of one link and one cut in seeded random order, random inside a group. Listed: as written.',
      ),
    seed: integer(0, 2 ** 31 - 1)
      .default(1)
      .describe('Seed of the order.'),
  }),
  memberNamedByType({ Server: 'server', Periodic: 'periodic' }, { field: 'mode' }),
).describe('How often and in what order the trials are measured.');

/** How far what is measured may be from what was asked for. */
export const toleranceSchema = z
  .strictObject({
    bandwidthPercent: decimalText({ min: '0', max: '100' })
      .default('2')
      .describe("How far the link's measured rate may be from its bandwidth, in percent."),
    delay: duration({ min: '0s', max: '10s' })
      .default('1ms')
      .describe("How far the link's measured delay may be from what was asked for."),
    outputDifference: decimalText({ min: '0', max: '1' })
      .default('1e-4')
      .describe('The greatest difference between divided and whole model, relative to the greatest output or 1.'),
  })
  .describe('How far what is measured may be from what was asked for; visits beyond it are rejected.');

export type Measurement = z.output<typeof measurementSchema>;
export type Tolerance = z.output<typeof toleranceSchema>;
