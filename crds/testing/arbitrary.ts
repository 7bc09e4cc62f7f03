import fc from 'fast-check';
import type { SchemaNode } from '../../api/manifest/schema-tree.ts';
import { isPlainObject } from '../../api/plain-object.ts';
import { withValue } from './specs.ts';

/** Values that a schema takes, with members chosen as its rules ask for; most of them keep the rules on single values. */
export function arbitraryOf(node: SchemaNode, name = ''): fc.Arbitrary<unknown> {
  if (node['x-kubernetes-int-or-string'] === true) {
    return fc.oneof(
      fc.constantFrom('1', '20M', '1500k', '2e6', '100k', '1Gi', '0.5'),
      fc.integer({ min: 1, max: 2 ** 40 }),
    );
  }
  if (node.enum) return fc.constantFrom(...node.enum);
  switch (node.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: Number(node.minimum), max: Math.min(Number(node.maximum), Number(node.minimum) + 20) });
    case 'array':
      return fc.array(arbitraryOf(node.items ?? {}, name), {
        minLength: Number(node.minItems ?? 0),
        maxLength: Math.min(Number(node.maxItems), 3),
      });
    case 'object':
      return objectOf(node, name);
    default:
      return textOf(node, name);
  }
}

/** A value with one place of it changed into something that may not belong there. */
export function disturbed(value: unknown): fc.Arbitrary<unknown> {
  const odd = fc.constantFrom<unknown>(-1, 0, 1.5, 2 ** 40, '', 'x', '1', '0s', '9h', true, [], {}, ['a', 'a'], {
    a: 1,
  });
  return fc.tuple(fc.constantFrom(...pathsOf(value)), odd).map(([path, instead]) => withValue(value, path, instead));
}

function objectOf(node: SchemaNode, name: string): fc.Arbitrary<unknown> {
  if (name === 'template') return fc.constantFrom({}, { spec: { nodeSelector: { a: 'b' } } }, { a: [1, 'x'] });
  if (typeof node.additionalProperties === 'object') {
    return fc.dictionary(
      fc.constantFrom('cpu', 'memory', 'example.com/a'),
      arbitraryOf(node.additionalProperties, name),
    );
  }
  const members = Object.entries(node.properties ?? {}).filter(([member]) => member !== 'file');
  const required = (node.required ?? []).filter((member) => node.properties?.[member]?.default === undefined);
  const model = Object.fromEntries(members.map(([member, child]) => [member, arbitraryOf(child, member)]));
  return fc.tuple(fc.record(model), fc.subarray(Object.keys(model))).map(([whole, chosen]) => {
    const kept = Object.entries(whole).filter(([member]) => required.includes(member) || chosen.includes(member));
    return coherent(node, Object.fromEntries(kept), whole);
  });
}

/** As the rules of its schema ask: the member that the type names and no other, one source of several. */
function coherent(
  node: SchemaNode,
  value: Readonly<Record<string, unknown>>,
  whole: Readonly<Record<string, unknown>>,
) {
  const rules = node['x-kubernetes-validations'];
  let result: Record<string, unknown> = { ...value };
  for (const { rule } of Array.isArray(rules) ? rules : []) {
    const text = String(rule);
    for (const [, member = '', field = '', named] of text.matchAll(
      /has\(self\.(\w+)\) (?:==|\|\|) \(has\(self\.(\w+)\) && self\.\w+ == '(\w+)'\)/g,
    )) {
      const { [member]: _, ...others } = result;
      const type = result[field] ?? node.properties?.[field]?.default;
      result = type === named ? { ...others, [member]: whole[member] } : others;
    }
    if (!text.startsWith('[has(')) continue;
    const sources = [...text.matchAll(/has\(self\.(\w+)\)/g)]
      .map(([, member = '']) => member)
      .filter((one) => one in whole);
    const chosen = sources.find((member) => member in result) ?? (text.includes('exists_one') ? sources[0] : undefined);
    for (const member of sources) if (member !== chosen) delete result[member];
    if (chosen !== undefined) result[chosen] = whole[chosen];
  }
  return result;
}

function textOf({ pattern, maxLength }: SchemaNode, name: string): fc.Arbitrary<string> {
  if (/delay|jitter|deadline|duration|timeLimit/i.test(name)) return fc.constantFrom('1ms', '2s', '0.5us', '1000ms');
  if (/percent|mean|std|scale|perSecond|difference/i.test(name)) return fc.constantFrom('1', '0.5', '1e-2', '2');
  const text =
    typeof pattern === 'string' ? fc.stringMatching(new RegExp(pattern)) : fc.string({ minLength: 1, maxLength: 20 });
  return text.filter(({ length }) => length > 0 && length <= Number(maxLength));
}

type Steps = readonly (string | number)[];

function pathsOf(value: unknown, path: Steps = []): Steps[] {
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : isPlainObject(value)
      ? Object.entries(value)
      : [];
  return [...(path.length > 0 ? [path] : []), ...entries.flatMap(([step, one]) => pathsOf(one, [...path, step]))];
}
