import type { AttributeType } from './attribute.ts';
import { courseAttributes } from './attributes/course.ts';
import { experimentAttributes } from './attributes/experiment.ts';
import { inferenceAttributes } from './attributes/inference.ts';
import { resourceAttributes } from './attributes/resource.ts';

/** Every attribute that a span or a resource of ours may have, by name. */
export const attributes = {
  ...resourceAttributes,
  ...experimentAttributes,
  ...courseAttributes,
  ...inferenceAttributes,
} as const;

export type AttributeName = keyof typeof attributes;

interface ValueOf extends Record<AttributeType, unknown> {
  readonly string: string;
  readonly int: number;
  readonly double: number;
  readonly boolean: boolean;
}

/**
 * Attributes by name, each with a value of its type; undefined: not there. Written in one literal, without spreads, a
 * name that the table does not have is an error of types.
 */
export type Attributes = {
  readonly [Name in AttributeName]?: ValueOf[(typeof attributes)[Name]['type']] | undefined;
};

/** The attributes that are there, as OpenTelemetry takes them. */
export function presentAttributes(given: Attributes): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
