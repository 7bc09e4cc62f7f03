import type { ReasonTable } from './reason.ts';

/** Whether every record that there is to come was read back from the store; no pod of a finished experiment goes before. */
export const resultsStored = {
  Measuring: { status: 'False', meaning: 'Visits are still to be measured.' },
  Reading: { status: 'False', meaning: 'The workers are done, and their records are being read back.' },
  StoreUnavailable: {
    status: 'Unknown',
    meaning: 'NATS cannot be reached, so that nobody knows which records are there.',
    remedy: "check the operator's NATS address and the server; the pods are kept until it answers",
  },
  Stored: { status: 'True', meaning: 'As many final records as planned were read back.' },
  StoredPartly: { status: 'True', meaning: 'The experiment ended early, and every record that it left was read back.' },
  ResultsLost: {
    status: 'False',
    meaning: 'The store was replaced after the end, and does not hold every record any more.',
    remedy: 'put the store back from a copy, or measure again under another name; give NATS a volume that stays',
  },
  NoResults: { status: 'True', meaning: 'The experiment ended before a visit was begun; there is nothing to keep.' },
} as const satisfies ReasonTable;

/** Whether other experiments' NATS credentials are kept from this one's messages. */
export const isolated = {
  Pending: { status: 'Unknown', meaning: 'No credentials were made yet.' },
  OwnCredentials: {
    status: 'True',
    meaning: "Other experiments' credentials cannot read or subscribe to the messages of this one.",
  },
  SharedCredentials: {
    status: 'False',
    meaning: 'All experiments share the credentials that the operator was given.',
    remedy: 'give the operator the keys of a NATS account, so that it makes credentials for each experiment',
  },
} as const satisfies ReasonTable;

/** As kstatus reads it: whether the operator is at work on what the spec asks for. */
export const reconciling = {
  InProgress: { status: 'True', meaning: 'The experiment goes on.' },
  Suspended: { status: 'False', meaning: 'There is nothing to do while spec.suspend is true.' },
  Finished: { status: 'False', meaning: 'The experiment is over.' },
} as const satisfies ReasonTable;

/** As kstatus reads it: whether the experiment ended without success. */
export const stalled = {
  Failed: {
    status: 'True',
    meaning: 'The experiment ended without success.',
    remedy: 'the condition Succeeded says why',
  },
  NotStalled: { status: 'False', meaning: 'The experiment goes on, or succeeded.' },
} as const satisfies ReasonTable;
