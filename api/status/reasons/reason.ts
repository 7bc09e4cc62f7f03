/** Why a condition has the status that it has. */
export interface Reason {
  readonly status: 'True' | 'False' | 'Unknown';
  /** Whether the experiment is over with it. */
  readonly terminal?: true;
  readonly meaning: string;
  /** What somebody can do about it; absent where nothing is amiss. */
  readonly remedy?: string;
}

/** Reasons of one condition, by name. */
export type ReasonTable = Readonly<Record<string, Reason>>;
