import { z } from 'zod';
import { distinct, type Rule, withMeta, withRules } from './rules.ts';

interface Length {
  readonly min?: number;
  readonly max: number;
}

/** A list that is replaced as a whole; items may repeat. */
export function atomicList<S extends z.ZodType>(item: S, { min = 0, max }: Length) {
  return withMeta(bounded(item, min, max), { 'x-kubernetes-list-type': 'atomic' });
}

/** A list of plain values, each at most once. */
export function setList<S extends z.ZodType>(item: S, { min = 0, max }: Length) {
  return withRules(withMeta(bounded(item, min, max), { 'x-kubernetes-list-type': 'set' }), distinct());
}

/** A list of objects, each known by its member `key`. */
export function mapList<S extends z.ZodObject>(item: S, key: keyof S['shape'] & string, { min = 0, max }: Length) {
  const list = withMeta(bounded(item, min, max), {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': [key],
  });
  return withRules(list, distinct(key));
}

/** A list of objects of which no two are equal. */
export function distinctList<S extends z.ZodType>(item: S, { min = 0, max }: Length) {
  const cel = { rule: 'self.all(a, self.exists_one(b, a == b))', message: 'no two items may be equal' };
  return withRules(atomicList(item, { min, max }), { ...distinct(), cel });
}

/** A map from names of at most `maxKeyLength` characters to values. */
export function map<S extends z.ZodType>(
  value: S,
  { max, maxKeyLength }: { readonly max: number; readonly maxKeyLength: number },
) {
  const schema = withMeta(z.record(z.string(), value), { maxProperties: max });
  const size: Rule = {
    check: (given) =>
      Object.keys(Object(given)).length <= max
        ? []
        : [{ path: [], message: 'has too many members', remedy: `write at most ${max} members` }],
  };
  const remedy = `write names of 1 to ${maxKeyLength} characters`;
  const keys: Rule = {
    check: (given) =>
      Object.keys(Object(given))
        .filter((key) => key.length < 1 || key.length > maxKeyLength)
        .map((key) => ({ path: [key], message: `is a name of ${key.length} characters`, remedy })),
    cel: { rule: `self.all(key, size(key) >= 1 && size(key) <= ${maxKeyLength})`, message: remedy },
  };
  return withRules(schema, size, keys);
}

function bounded<S extends z.ZodType>(item: S, min: number, max: number) {
  const list = z.array(item).max(max);
  return min > 0 ? list.min(min) : list;
}
