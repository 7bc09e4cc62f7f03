import type { FatalCode } from '../../messages/termination.ts';
import type { Reason, ReasonTable } from './reason.ts';

const seeEvents = 'kubectl describe shows the events of the experiment';

/** Whether the experiment reached its end: there from the first time that the operator sees the object. */
export const succeeded = {
  Pending: { status: 'Unknown', meaning: 'The operator knows the experiment and has not started its workers.' },
  WorkersStarting: {
    status: 'Unknown',
    meaning: 'Workers were asked for, and no lane measures: not yet, or not now.',
    remedy: 'if it lasts, the condition WorkersReady says what the workers wait for',
  },
  Running: { status: 'Unknown', meaning: 'Visits are being measured.' },
  Suspended: {
    status: 'Unknown',
    meaning: 'The workers are stopped; what was measured is kept.',
    remedy: 'set spec.suspend to false to go on',
  },
  StoreUnavailable: {
    status: 'Unknown',
    meaning: 'NATS cannot be reached, so that nobody knows how far the experiment is.',
    remedy: "check the operator's NATS address and the server",
  },
  ResultsPending: {
    status: 'Unknown',
    meaning: 'Every visit is measured, and the records are being read back.',
    remedy: 'if it lasts, the condition ResultsStored says why',
  },
  Completed: { status: 'True', terminal: true, meaning: 'Every visit was accepted.' },
  CompletedWithRejections: {
    status: 'True',
    terminal: true,
    meaning: 'Every visit is final, and some were rejected: the conditions were not those asked for.',
    remedy: 'the records say why; widen spec.tolerance, or quieten the machines',
  },
  VisitsFailed: {
    status: 'False',
    terminal: true,
    meaning: 'Every visit is final, and some failed in each of their attempts.',
    remedy: 'the records of these visits say why',
  },
  DeadlineExceeded: {
    status: 'False',
    terminal: true,
    meaning: 'The experiment ran longer than spec.activeDeadlineSeconds. What was measured is kept.',
    remedy: 'make a new experiment with fewer trials or a longer deadline',
  },
  InvalidSpec: {
    status: 'False',
    terminal: true,
    meaning: 'The manifest has a mistake that the API server cannot see, such as two links that are the same network.',
    remedy: 'correct the manifest as the message says',
  },
  Unsupported: {
    status: 'False',
    terminal: true,
    meaning: 'The manifest or the model asks for something that this version does not do.',
    remedy: 'change what the message names',
  },
  ModelInvalid: {
    status: 'False',
    terminal: true,
    meaning: 'The model cannot be read, has no cut, or lacks a layer that is named.',
    remedy: 'correct the model or spec.cuts; splitlab cuts MODEL lists the cuts of a model',
  },
  InputInvalid: {
    status: 'False',
    terminal: true,
    meaning: 'The input cannot be read, or does not fit the model.',
    remedy: 'correct spec.input as the message says',
  },
  PlanTooLarge: {
    status: 'False',
    terminal: true,
    meaning: 'The manifest asks for more than 10,000 visits.',
    remedy: 'take fewer of what the message counts: cuts, codecs, links, batch sizes or blocks',
  },
  PlanDiffers: {
    status: 'False',
    terminal: true,
    meaning: 'Another plan is stored for this experiment: model, manifest or version of the workers changed meanwhile.',
    remedy: 'make a new experiment',
  },
  MachinesDiffer: {
    status: 'False',
    terminal: true,
    meaning: 'A worker came back on another kind of machine, and its figures would not compare.',
    remedy: 'bind the workers to like nodes (template.spec.nodeSelector), or write allowMixedMachines: true',
  },
  ModelsDiffer: {
    status: 'False',
    terminal: true,
    meaning: 'The two sides have files of the model that differ.',
    remedy: 'name a source that does not change, with its digest',
  },
  ProviderUnavailable: {
    status: 'False',
    terminal: true,
    meaning: 'The execution provider is not there on the node of the worker, or cannot run the model.',
    remedy: 'choose another executionProvider, or nodes that have it',
  },
  FetchFailed: {
    status: 'False',
    terminal: true,
    meaning: 'The model or the input could not be fetched, in several attempts.',
    remedy: 'check URL, headers and the way out of the cluster; the message has what the server answered',
  },
  DigestMismatch: {
    status: 'False',
    terminal: true,
    meaning: 'A file that was fetched has another SHA-256 digest than the manifest says.',
    remedy: 'correct the digest, or the URL',
  },
  BadConfiguration: {
    status: 'False',
    terminal: true,
    meaning: 'A worker does not accept the configuration that the operator gave it.',
    remedy: 'give operator and workers images of one version',
  },
  WorkerFailed: {
    status: 'False',
    terminal: true,
    meaning: 'A worker ended with an error that another start cannot cure and that has no reason of its own.',
    remedy: `${seeEvents}; the log of the pod has more`,
  },
  BackoffLimitExceeded: {
    status: 'False',
    terminal: true,
    meaning: 'Workers of one lane failed more than spec.backoffLimit times in a row without finishing a visit.',
    remedy: `${seeEvents}; the message has the last error`,
  },
  ResultsLost: {
    status: 'False',
    terminal: true,
    meaning: 'Records that were counted before are no longer in the store.',
    remedy: 'find out what happened to the streams of NATS, then make a new experiment',
  },
  SpecChanged: {
    status: 'False',
    terminal: true,
    meaning: 'A part of the spec that cannot change after the start was changed.',
    remedy: 'make a new experiment with the changed spec',
  },
} as const satisfies ReasonTable & Record<FatalCode, Reason>;
