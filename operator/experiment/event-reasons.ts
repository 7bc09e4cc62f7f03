/** Reasons of the events that tell an experiment's story; an experiment that fails ends with the reason of its condition. */
export const eventReasons = {
  started: 'Started',
  traceparentIgnored: 'TraceparentIgnored',
  podsCreated: 'PodsCreated',
  fetching: 'Fetching',
  planned: 'Planned',
  planWarnings: 'PlanWarnings',
  progress: 'Progress',
  workerReplaced: 'WorkerReplaced',
  suspended: 'Suspended',
  resumed: 'Resumed',
  resultsStored: 'ResultsStored',
  resultsLost: 'ResultsLost',
  storeReplaced: 'StoreReplaced',
  expired: 'Expired',
} as const;
