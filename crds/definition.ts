import { crdSchema } from '../api/manifest/crd.ts';
import { apiVersion, kind } from '../api/manifest/manifest.ts';

const [group = '', version = ''] = apiVersion.split('/');
const plural = 'splitexperiments';

/** Columns of `kubectl get splitx`; those of priority 1 show with `-o wide`. */
const columns = [
  { name: 'Model', type: 'string', jsonPath: '.status.summary.model', description: 'The model that is divided.' },
  {
    name: 'Succeeded',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Succeeded")].status',
    description: 'Unknown until the end; True with results, False without.',
  },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Succeeded")].reason',
    description: 'Where the experiment is, or why it ended.',
  },
  { name: 'Progress', type: 'string', jsonPath: '.status.summary.progress', description: 'Final visits of all.' },
  { name: 'Best-Cut', type: 'string', jsonPath: '.status.summary.bestCut', description: 'The fastest cut so far.' },
  { name: 'P50', type: 'string', jsonPath: '.status.summary.latencyP50', description: 'Its median latency.' },
  { name: 'Link', type: 'string', jsonPath: '.status.summary.link', description: 'Over this link.', priority: 1 },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since the object was made.' },
] as const;

/** The name of the file that holds the definition. */
export const fileName = `${group}_${plural}.yaml`;

/** The CustomResourceDefinition of experiments, as the API server takes it. */
export function definition() {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: ['splitx'],
        categories: ['splitlab'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: crdSchema() },
          subresources: { status: {} },
          additionalPrinterColumns: columns,
        },
      ],
    },
  };
}
