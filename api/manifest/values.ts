import { z } from 'zod';
import { compareDecimals, type Decimal, decimal, decimalMaxLength, decimalPattern, parseDecimal } from '../decimal.ts';
import { durationMaxLength, durationPattern, longDurationPattern, parseDuration } from '../duration.ts';
import { FormatError } from '../errors.ts';
import { parseQuantity, quantityMaxLength, quantityPattern } from '../quantity.ts';
import { type Rule, withMeta, withRules } from './rules.ts';

/** The least and the greatest value that is accepted, as somebody would write them. */
interface Bounds {
  readonly min: string;
  readonly max: string;
}

/** A text of 1 to `max` characters; `accepted` says in words what `pattern` means. */
export function text(max: number, pattern?: RegExp, accepted?: string) {
  const bounded = z.string().min(1).max(max);
  return pattern === undefined
    ? bounded
    : bounded.regex(pattern, { error: accepted ?? `a text that matches ${pattern}` });
}

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number) {
  return z.int32().min(min).max(max);
}

/** A Kubernetes Quantity, as a text or a whole number. */
export function quantity({ min, max }: Bounds) {
  const accepted = `a quantity from ${min} to ${max}, such as 20M, 1500k or 2e6`;
  const schema = z.union([z.int(), z.string().max(quantityMaxLength)]);
  const compare = (sign: string, bound: string) => `quantity(string(self)).compareTo(quantity('${bound}')) ${sign} 0`;
  const marked = withMeta(schema, {
    'x-kubernetes-int-or-string': true,
    pattern: quantityPattern.source,
    maxLength: quantityMaxLength,
  });
  return withRules(marked, {
    check: (value) => {
      if (typeof value !== 'string' && !Number.isSafeInteger(value)) return [];
      return boundsBreach(String(value), accepted, parseQuantity, parseQuantity(min), parseQuantity(max));
    },
    cel: { rule: `${compare('>=', min)} && ${compare('<=', max)}`, message: `write ${accepted}` },
  });
}

/** A duration in us, ms or s; with `long` also in minutes and hours. */
export function duration({ min, max, long = false }: Bounds & { readonly long?: boolean }) {
  const pattern = long ? longDurationPattern : durationPattern;
  const accepted = `a duration from ${min} to ${max} in us, ms${long ? ', s, m or h' : ' or s'}, such as ${long ? '5m' : '25ms'}`;
  const parse = (value: string): Decimal => {
    if (!pattern.test(value)) throw new FormatError(value, accepted);
    return decimal(parseDuration(value));
  };
  const schema = withMeta(z.string().max(durationMaxLength), { pattern: pattern.source });
  return withRules(schema, {
    check: (value) =>
      typeof value === 'string'
        ? boundsBreach(value, accepted, parse, decimal(parseDuration(min)), decimal(parseDuration(max)))
        : [],
    cel: {
      rule: `duration(self) >= duration('${min}') && duration(self) <= duration('${max}')`,
      message: `write ${accepted}`,
    },
  });
}

/** A decimal number written as a text, so that no digit is lost. */
export function decimalText({ min, max }: Bounds) {
  const accepted = `a decimal number in quotes from ${min} to ${max}, such as "0.5" or "1e-4"`;
  const schema = withMeta(z.string().max(decimalMaxLength), { pattern: decimalPattern.source });
  return withRules(schema, {
    check: (value) =>
      typeof value === 'string'
        ? boundsBreach(value, accepted, parseDecimal, parseDecimal(min), parseDecimal(max))
        : [],
    cel: {
      rule: `double(self) >= double('${min}') && double(self) <= double('${max}')`,
      message: `write ${accepted}`,
    },
  });
}

/** A name as Kubernetes gives to objects: a DNS subdomain (RFC 1123). */
export function objectName() {
  return text(
    253,
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit',
  );
}

/** A name of one DNS label (RFC 1123). */
export function labelName() {
  return text(
    63,
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    'lower-case letters, digits and "-", beginning and ending with a letter or digit',
  );
}

/** An http or https address. */
export function url() {
  return text(2048, /^https?:\/\/[^\s/]+[^\s]*$/, 'an address that begins with http:// or https://');
}

/** A SHA-256 digest. */
export function sha256() {
  return text(64, /^[0-9a-f]{64}$/, 'a SHA-256 digest: 64 lower-case hexadecimal digits');
}

/** A path below some folder: relative, and never above it. */
export function relativePath() {
  return text(
    1024,
    /^(\.?[^./\0][^/\0]*|\.\.[^/\0]+)(\/(\.?[^./\0][^/\0]*|\.\.[^/\0]+))*$/,
    'a path below the folder, without "." or ".."',
  );
}

function boundsBreach(
  value: string,
  accepted: string,
  parse: (text: string) => Decimal,
  min: Decimal,
  max: Decimal,
): ReturnType<Rule['check']> {
  const remedy = `write ${accepted}`;
  try {
    const number = parse(value);
    if (compareDecimals(number, min) < 0) return [{ path: [], message: 'is too small', remedy }];
    return compareDecimals(number, max) > 0 ? [{ path: [], message: 'is too large', remedy }] : [];
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return [{ path: [], message: `is not ${error.accepted}`, remedy }];
  }
}
