import type { ReasonTable } from './reason.ts';

/** Whether all workers are there and connected. */
export const workersReady = {
  NotStarted: { status: 'False', meaning: 'No worker was asked for yet.' },
  Creating: { status: 'False', meaning: 'Pods are being created, their images pulled and their volumes mounted.' },
  Connecting: {
    status: 'False',
    meaning: 'Workers run and have not announced themselves yet.',
    remedy: 'if it lasts, check that the pods reach NATS',
  },
  Fetching: { status: 'False', meaning: 'Workers are fetching the model or the input; the message says how far.' },
  Ready: { status: 'True', meaning: 'All workers are ready.' },
  Unschedulable: {
    status: 'False',
    meaning: "No node takes a pod; the message is the scheduler's own.",
    remedy: 'free or add what it asks for, or change resources and template',
  },
  ImagePullFailed: {
    status: 'False',
    meaning: 'An image cannot be pulled.',
    remedy: 'check the reference, the pull secrets and the registry',
  },
  MountFailed: {
    status: 'False',
    meaning:
      'A pod waits for its volumes for 30 s: most often a Secret or ConfigMap is missing, or a claim is in use elsewhere.',
    remedy: "look for FailedMount among the pod's events; make what it names, or correct the name in the manifest",
  },
  ReferenceMissing: {
    status: 'False',
    meaning: 'A Secret, ConfigMap or claim that the manifest names does not exist in its namespace.',
    remedy: 'make it; the experiment goes on by itself',
  },
  QuotaExceeded: {
    status: 'False',
    meaning: 'A quota of the namespace leaves no room for a pod.',
    remedy: 'raise the quota, or ask for less in resources',
  },
  PodSecurityDenied: {
    status: 'False',
    meaning: "The namespace's pod security level refuses a pod.",
    remedy: 'take what the message names out of the template',
  },
  AdmissionDenied: {
    status: 'False',
    meaning: 'An admission webhook or policy, or the API server itself, refuses a pod.',
    remedy: 'change the template as the message says, or ask whoever keeps the policy',
  },
  NameTaken: {
    status: 'False',
    meaning: 'An object that is not of this experiment has the name that one of its own needs.',
    remedy: 'delete that object, or give the experiment another name',
  },
  Restarting: {
    status: 'False',
    meaning: 'A worker failed and is being replaced.',
    remedy: 'the message has its error; the log of the pod has more',
  },
  CrashLooping: {
    status: 'False',
    meaning: 'Workers fail again and again; the next one waits.',
    remedy: 'the message has the last error; the log of the pod has more',
  },
  OutOfMemory: {
    status: 'False',
    meaning: 'A worker was ended because it used more memory than it may.',
    remedy: 'raise resources.limits.memory',
  },
  Evicted: {
    status: 'False',
    meaning: 'A worker was evicted, preempted or turned away by its node; it is being replaced.',
    remedy: 'free the node of what presses on it, or give the pod a higher priority (template.spec.priorityClassName)',
  },
  NodeLost: {
    status: 'Unknown',
    meaning: 'The node of a worker does not answer. Its pod is never deleted by force, since it may still run.',
    remedy: 'bring the node back, or delete the Node object if it is gone for good',
  },
  CredentialsFailed: {
    status: 'False',
    meaning: 'No NATS credentials can be made for the workers.',
    remedy: "check the Secret with the account's keys; the message says what is wrong with it",
  },
  StoreUnavailable: {
    status: 'False',
    meaning: 'NATS cannot be reached, so that no credentials can be made and no records read.',
    remedy: "check the operator's NATS address and the server",
  },
  Suspended: { status: 'False', meaning: 'The workers are stopped while spec.suspend is true.' },
  Finished: { status: 'False', meaning: 'The experiment is over, and its workers are gone or going.' },
} as const satisfies ReasonTable;
