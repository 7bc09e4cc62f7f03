// splitlab in a cluster with two nodes, as its users have it: the chart's objects, kubectl, and what comes of it.
// The cases share one cluster, so they stand in one process.
import { suite } from 'node:test';
import { endingCases } from './cluster/cases/ending.ts';
import { interruptionCases } from './cluster/cases/interrupted.ts';
import { modelCases } from './cluster/cases/models.ts';
import { quickstartCase } from './cluster/cases/quickstart.ts';
import { refusalCases } from './cluster/cases/refused.ts';
import { schedulingCases } from './cluster/cases/scheduling.ts';
import { wholeCase } from './cluster/cases/whole.ts';

// Alone, since it tells how long everything takes.
wholeCase();
suite('experiments side by side', { concurrency: 2 }, () => {
  interruptionCases();
  endingCases();
  schedulingCases();
  modelCases();
  refusalCases();
  quickstartCase();
});
