// splitlab in a cluster with two nodes, as its users have it: the chart's objects, kubectl, and what comes of it.
// The cases share one cluster, so they stand in one process.
import './cluster/cases/whole.ts';
import './cluster/cases/quickstart.ts';
import './cluster/cases/scheduling.ts';
import './cluster/cases/interrupted.ts';
import './cluster/cases/ending.ts';
import './cluster/cases/refused.ts';
import './cluster/cases/models.ts';
