import { type Decimal, decimal, decimalToNumber, multiplyDecimals, parseDecimal } from './decimal.ts';
import { FormatError } from './errors.ts';

/** The form of a Kubernetes Quantity: a decimal number with an SI suffix, a binary suffix or an exponent. */
export const quantityPattern =
  /^([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]{1,2})?$/;
export const quantityMaxLength = 32;

const decimalSuffixes = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 } as const;
const binarySuffixes = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 } as const;

const accepted = 'a quantity such as 20M, 100k, 1Gi, 1500m or 2e6';

/**
 * Reads a Kubernetes Quantity (k8s.io/apimachinery `api/resource`) without rounding; a number stands for itself.
 * Throws FormatError, also for what Kubernetes would round or cap: finer than 10^-9, or 2^63 and more.
 */
export function parseQuantity(text: string | number): Decimal {
  const match = quantityPattern.exec(String(text));
  if (match === null || String(text).length > quantityMaxLength) throw new FormatError(String(text), accepted);
  const [, written = '', suffix = ''] = match;
  const number = parseDecimal(written.replace(/\.$/, ''));
  const value = multiplyDecimals(number, multiplier(suffix));
  if (value.exponent < -9) throw new FormatError(String(text), `${accepted}, in steps of 10^-9`);
  if (Math.abs(decimalToNumber(value)) >= 2 ** 63) throw new FormatError(String(text), `${accepted}, below 2^63`);
  return value;
}

/**
 * The one text that equal quantities share, in Kubernetes' canonical decimal form: no fraction, the largest suffix that
 * allows it (`20000k` gives `20M`, `1.5` gives `1500m`, `1Ki` gives `1024`).
 */
export function formatQuantity(value: Decimal): string {
  if (value.exponent < -9) throw new FormatError(`${value.digits}e${value.exponent}`, `${accepted}, in steps of 10^-9`);
  const power = Math.min(18, Math.floor(value.exponent / 3) * 3);
  const suffix = Object.entries(decimalSuffixes).find(([, exponent]) => exponent === power)?.[0] ?? '';
  return `${value.digits * 10n ** BigInt(value.exponent - power)}${value.digits === 0n ? '' : suffix}`;
}

/** The canonical text of a quantity as written; equal quantities give equal text. Throws FormatError. */
export function canonicalQuantity(text: string | number): string {
  return formatQuantity(parseQuantity(text));
}

/** The double nearest to a quantity: bits/s of a bandwidth, cores, bytes. Throws FormatError. */
export function quantityToNumber(text: string | number): number {
  return decimalToNumber(parseQuantity(text));
}

function multiplier(suffix: string): Decimal {
  if (isKeyOf(binarySuffixes, suffix)) return decimal(2n ** BigInt(binarySuffixes[suffix]));
  if (isKeyOf(decimalSuffixes, suffix)) return decimal(1n, decimalSuffixes[suffix]);
  return decimal(1n, Number(suffix.slice(1)));
}

function isKeyOf<T extends object>(object: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(object, key);
}
