import { type Decimal, decimal, decimalToBigint, decimalToNumber, multiplyDecimals, parseDecimal } from './decimal.ts';
import { FormatError } from './errors.ts';

/** Durations of the network and of deadlines: `25ms`, `0.5us`, `2s`. */
export const durationPattern = /^[0-9]+(\.[0-9]+)?(us|ms|s)$/;

/** Durations that limit an experiment, where minutes and hours are natural: also `5m`, `1.5h`. */
export const longDurationPattern = /^[0-9]+(\.[0-9]+)?(us|ms|s|m|h)$/;

export const durationMaxLength = 24;

const nanoseconds = {
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
} as const;

const accepted = 'a duration such as 25ms, 0.5us or 2s (units us, ms, s; for limits of time also m, h)';

/** Reads a duration as nanoseconds, exactly. Throws FormatError, also for a fraction of a nanosecond. */
export function parseDuration(text: string): bigint {
  const unit = /[a-z]+$/.exec(text)?.[0] ?? '';
  if (text.length > durationMaxLength || !longDurationPattern.test(text) || !isUnit(unit)) {
    throw new FormatError(text, accepted);
  }
  const value = multiplyDecimals(parseDecimal(text.slice(0, -unit.length)), decimal(nanoseconds[unit]));
  const whole = decimalToBigint(value);
  if (whole === null) throw new FormatError(text, `${accepted}, in whole nanoseconds`);
  return whole;
}

/** The one text that equal durations share, in the largest of s, ms and us that needs no fraction (`1000ms` gives `1s`). */
export function formatDuration(durationNanoseconds: bigint): string {
  if (durationNanoseconds === 0n) return '0s';
  for (const unit of ['s', 'ms', 'us'] as const) {
    if (durationNanoseconds % nanoseconds[unit] === 0n) return `${durationNanoseconds / nanoseconds[unit]}${unit}`;
  }
  const fraction = String(durationNanoseconds % 1_000n)
    .padStart(3, '0')
    .replace(/0+$/, '');
  return `${durationNanoseconds / 1_000n}.${fraction}us`;
}

/** The canonical text of a duration as written; equal durations give equal text. Throws FormatError. */
export function canonicalDuration(text: string): string {
  return formatDuration(parseDuration(text));
}

/** The double nearest to a duration in milliseconds. Throws FormatError. */
export function durationMilliseconds(text: string): number {
  return decimalToNumber(milliseconds(parseDuration(text)));
}

function milliseconds(durationNanoseconds: bigint): Decimal {
  return decimal(durationNanoseconds, -6);
}

function isUnit(unit: string): unit is keyof typeof nanoseconds {
  return Object.hasOwn(nanoseconds, unit);
}
