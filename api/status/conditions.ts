import { type ConditionType, type ReasonOf, reasonOf } from './reasons.ts';
import type { Condition } from './status.ts';

/** What is to be said of an experiment, before it is known since when. */
export type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Where and when something was found. */
export interface Observation {
  readonly now: Date;
  /** `metadata.generation` of the object. */
  readonly generation: number;
}

/** A condition with the status that belongs to its reason; without a message, the meaning of the reason. */
export function finding<Type extends ConditionType>(type: Type, reason: ReasonOf<Type>, message?: string): Finding {
  const { status, meaning } = reasonOf(type, reason);
  return { type, status, reason, message: message ?? meaning };
}

/** The conditions with one of them set; `lastTransitionTime` stays as it was unless the status changes. */
export function setCondition(
  conditions: readonly Condition[],
  { type, status, reason, message }: Finding,
  { now, generation }: Observation,
): Condition[] {
  const earlier = findCondition(conditions, type);
  const condition: Condition = {
    type,
    status,
    reason,
    message,
    lastTransitionTime: earlier?.status === status ? earlier.lastTransitionTime : timestamp(now),
    observedGeneration: generation,
  };
  return earlier ? conditions.map((one) => (one === earlier ? condition : one)) : [...conditions, condition];
}

/** The condition of a type, undefined while there is none. */
export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: ConditionType | string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** A moment as Kubernetes writes it: UTC, whole seconds. */
export function timestamp(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}
