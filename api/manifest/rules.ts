import type { z } from 'zod';
import { canonicalJson } from '../canonical.ts';
import { isPlainObject } from '../plain-object.ts';

/** One breach of a rule, `path` from the value that the rule stands on. */
export interface Breach {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly remedy: string;
}

/** A validation as Kubernetes writes it (`x-kubernetes-validations`). */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  /** Where the API server reports it, from the value that the rule stands on: `.spec`. Absent: that value. */
  readonly fieldPath?: string;
  readonly reason?: 'FieldValueForbidden';
}

/**
 * A rule that spans members, once for zod and once for the API server, built together so that they cannot diverge.
 * `check` also sees values that are wrong in other ways and ignores what it cannot judge.
 */
export interface Rule {
  readonly check: (value: unknown) => readonly Breach[];
  /** Absent for a rule that CEL cannot express. */
  readonly cel?: CelRule;
}

/** The schema with rules that are checked together with its other mistakes and written into its CRD form. */
export function withRules<S extends z.ZodType>(schema: S, ...rules: readonly Rule[]): S {
  const checked = schema.superRefine(
    (value, context) => {
      for (const { path, message, remedy } of rules.flatMap((rule) => rule.check(value))) {
        context.addIssue({ code: 'custom', path: [...path], message, params: { remedy } });
      }
    },
    { when: () => true },
  );
  const validations = rules.flatMap((rule) => rule.cel ?? []);
  if (validations.length === 0) return checked;
  return withMeta(checked, { 'x-kubernetes-validations': [...validationsOf(schema), ...validations] });
}

/** The schema with further members of its CRD form. */
export function withMeta<S extends z.ZodType>(schema: S, meta: z.core.GlobalMeta): S {
  return schema.meta({ ...schema.meta(), ...meta });
}

function validationsOf(schema: z.ZodType): readonly unknown[] {
  const validations = schema.meta()?.['x-kubernetes-validations'];
  return Array.isArray(validations) ? validations : [];
}

/** Exactly one of these members stands in the object. */
export function exactlyOneOf(members: readonly string[]): Rule {
  const remedy = `write exactly one of ${members.join(', ')}`;
  return {
    check: (value) => {
      if (!isPlainObject(value)) return [];
      const present = presentMembers(value, members);
      if (present.length === 0) return [{ path: [], message: `has none of ${members.join(', ')}`, remedy }];
      return tooMany(present, remedy);
    },
    cel: { rule: `[${members.map(has).join(', ')}].exists_one(present, present)`, message: remedy },
  };
}

/** At most one of these members stands in the object. */
export function atMostOneOf(members: readonly string[]): Rule {
  const remedy = `write at most one of ${members.join(', ')}`;
  return {
    check: (value) => (isPlainObject(value) ? tooMany(presentMembers(value, members), remedy) : []),
    cel: { rule: `[${members.map(has).join(', ')}].filter(present, present).size() <= 1`, message: remedy },
  };
}

/**
 * The member that `field` names stands in the object and no other of them does: `{Profile: 'profile'}` says that
 * `type: Profile` needs `profile`, which no other type may have. With `optional` the named member may be absent.
 */
export function memberNamedByType(
  members: Readonly<Record<string, string>>,
  { field = 'type', optional = false }: { readonly field?: string; readonly optional?: boolean } = {},
): Rule {
  const pairs = Object.entries(members);
  const conditions = pairs.map(([name, member]) => {
    // Guarded, since the API server checks a default such as {} before it fills in the defaults of its members.
    const named = `(${has(field)} && self.${field} == '${name}')`;
    return optional ? `(!${has(member)} || ${named})` : `(${has(member)} == ${named})`;
  });
  const need = optional ? 'may have' : 'needs';
  const message = pairs
    .map(([name, member]) => `${field} ${name} ${need} ${member}, no other ${field} has it`)
    .join('; ');
  return {
    check: (value) => {
      if (!isPlainObject(value) || typeof value[field] !== 'string') return [];
      return pairs.flatMap(([name, member]) => memberBreach(value, { field, name, member, optional }));
    },
    cel: { rule: conditions.join(' && '), message },
  };
}

/** The API server refuses the member, which only a local run can reach; `instead` says what a cluster takes. */
export function notInACluster(member: string, instead: string): Rule {
  return {
    check: () => [],
    cel: { rule: `!${has(member)}`, message: `${member} is for local runs; in a cluster use ${instead}` },
  };
}

/**
 * No two items of a list are equal; with `key`, no two have the same value of that member. The list types set and map
 * say the same to the API server.
 */
export function distinct(key?: string): Rule {
  return {
    check: (value) => {
      if (!Array.isArray(value)) return [];
      const first = new Map<string, number>();
      return value.flatMap((item: unknown, index) => {
        const identity = identityOf(key === undefined ? item : isPlainObject(item) ? item[key] : undefined);
        if (identity === undefined) return [];
        const earlier = first.get(identity);
        if (earlier === undefined) {
          first.set(identity, index);
          return [];
        }
        const path = key === undefined ? [index] : [index, key];
        const remedy = key === undefined ? 'leave one of them out' : `give each item a ${key} of its own`;
        return [{ path, message: `is the same as in item ${earlier}`, remedy }];
      });
    },
  };
}

function memberBreach(
  value: Readonly<Record<string, unknown>>,
  rule: { readonly field: string; readonly name: string; readonly member: string; readonly optional: boolean },
): Breach[] {
  const { field, name, member, optional } = rule;
  const [present, named] = [value[member] !== undefined, value[field] === name];
  if (present && !named) {
    const message = `does not belong to ${field} ${value[field]}`;
    return [{ path: [member], message, remedy: `remove ${member}, or write ${field}: ${name}` }];
  }
  if (!present && named && !optional) {
    return [{ path: [member], message: `is missing`, remedy: `${field} ${name} needs ${member}` }];
  }
  return [];
}

function tooMany(present: readonly string[], remedy: string): Breach[] {
  return present.length > 1 ? [{ path: [], message: `has ${present.join(' and ')}`, remedy }] : [];
}

function presentMembers(value: Readonly<Record<string, unknown>>, members: readonly string[]): string[] {
  return members.filter((member) => value[member] !== undefined);
}

function has(member: string): string {
  return `has(self.${member})`;
}

function identityOf(value: unknown): string | undefined {
  try {
    return value === undefined ? undefined : canonicalJson(value);
  } catch {
    return undefined;
  }
}
