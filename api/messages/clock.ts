import { z } from 'zod';

/**
 * Reply to a request on `subjects().remote(lane, 'clock')`, whose payload is empty. Both times are milliseconds of the
 * remote worker's monotonic clock, read as late and as early as it can.
 */
export const clockReplySchema = z.strictObject({
  receivedAtMs: z.number().nonnegative(),
  repliedAtMs: z.number().nonnegative(),
});
