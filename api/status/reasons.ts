import { fatalCodes } from '../messages/termination.ts';
import { isolated, reconciling, resultsStored, stalled } from './reasons/others.ts';
import type { Reason, ReasonTable } from './reasons/reason.ts';
import { succeeded } from './reasons/succeeded.ts';
import { workersReady } from './reasons/workers-ready.ts';

/** The conditions of an experiment, the one that everybody waits for first. */
export const conditionTypes = [
  'Succeeded',
  'WorkersReady',
  'ResultsStored',
  'Isolated',
  'Reconciling',
  'Stalled',
] as const;

export type ConditionType = (typeof conditionTypes)[number];

/** Every condition of an experiment with every reason that it can have. */
export const reasons = {
  Succeeded: succeeded,
  WorkersReady: workersReady,
  ResultsStored: resultsStored,
  Isolated: isolated,
  Reconciling: reconciling,
  Stalled: stalled,
} as const satisfies Readonly<Record<ConditionType, ReasonTable>>;

/** The reasons that a condition can have. */
export type ReasonOf<Type extends ConditionType> = keyof (typeof reasons)[Type] & string;

/** What the condition says for every reason, as the reference shows it. */
export const conditionMeanings: Readonly<Record<ConditionType, string>> = {
  Succeeded: 'Whether the experiment reached its end: Unknown until then, True with results, False without.',
  WorkersReady: 'Whether all workers run and are connected.',
  ResultsStored: 'Whether every record was read back from the store. No pod of a finished experiment goes before.',
  Isolated: "Whether other experiments' NATS credentials are kept from this one's messages.",
  Reconciling: 'Whether the operator is at work on the experiment, as tools that know kstatus read it.',
  Stalled: 'Whether the experiment ended without success, as tools that know kstatus read it.',
};

/** A reason of a condition, with its status, meaning and remedy. */
export function reasonOf<Type extends ConditionType>(type: Type, reason: ReasonOf<Type>): Reason {
  const table: ReasonTable = reasons[type];
  const found = table[reason];
  if (found === undefined) throw new RangeError(`${reason} is not a reason of the condition ${type}`);
  return found;
}

/** The reason of `Succeeded=False` for the code of an error that a worker ended with. */
export function reasonOfFatalCode(code: string): ReasonOf<'Succeeded'> {
  return fatalCodes.find((one) => one === code) ?? 'WorkerFailed';
}
