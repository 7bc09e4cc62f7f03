import { FormatError } from './errors.ts';

/** The exact number `digits` x 10^`exponent`; `digits` never ends in a zero, and zero has exponent 0. */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** What a decimal string looks like in the manifest; at most 32 characters, so that its arithmetic stays small. */
export const decimalPattern = /^[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$/;
export const decimalMaxLength = 32;

/** Reads a decimal string such as `0.1`, `-3` or `1e-4` without rounding. Throws FormatError. */
export function parseDecimal(text: string): Decimal {
  if (text.length > decimalMaxLength || !decimalPattern.test(text)) {
    throw new FormatError(text, 'a decimal number such as 0.1, 3 or 1e-4, of at most 32 characters');
  }
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  const digits = BigInt(whole + fraction);
  return decimal(mantissa.startsWith('-') ? -digits : digits, Number(exponent) - fraction.length);
}

/** The decimal `digits` x 10^`exponent` in the one form that equal numbers share. */
export function decimal(digits: bigint, exponent = 0): Decimal {
  if (digits === 0n) return { digits: 0n, exponent: 0 };
  let [rest, power] = [digits, exponent];
  while (rest % 10n === 0n) [rest, power] = [rest / 10n, power + 1];
  return { digits: rest, exponent: power };
}

/** Negative, zero or positive as `a` is below, equal to or above `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const [left, right] = [scaled(a, exponent), scaled(b, exponent)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The product of two decimals, exact. */
export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return decimal(a.digits * b.digits, a.exponent + b.exponent);
}

/** The decimal as an integer, or null when it has a fraction. */
export function decimalToBigint(value: Decimal): bigint | null {
  return value.exponent < 0 ? null : scaled(value, 0);
}

/** The double nearest to the decimal. */
export function decimalToNumber(value: Decimal): number {
  return Number(`${value.digits}e${value.exponent}`);
}

/** The one text of a decimal that equal decimals share: plain digits (`0.0001`, `-12`), never an exponent. */
export function formatDecimal(value: Decimal): string {
  const sign = value.digits < 0n ? '-' : '';
  const digits = String(value.digits < 0n ? -value.digits : value.digits);
  if (value.exponent >= 0) return sign + digits + '0'.repeat(value.exponent);
  const padded = digits.padStart(1 - value.exponent, '0');
  return `${sign}${padded.slice(0, value.exponent)}.${padded.slice(value.exponent)}`;
}

function scaled(value: Decimal, exponent: number): bigint {
  return value.digits * 10n ** BigInt(value.exponent - exponent);
}
