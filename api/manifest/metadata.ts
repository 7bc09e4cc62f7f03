import { z } from 'zod';
import { map } from './lists.ts';
import { labelName, objectName } from './values.ts';

const annotations = () => map(z.string().max(262_144), { max: 256, maxKeyLength: 317 });
const labels = () => map(z.string().max(63), { max: 256, maxKeyLength: 317 });

/** What an object is called. In a cluster the API server checks it; here it stands for files and local runs. */
export const metadataSchema = z
  .strictObject({
    name: objectName().describe(
      'Name of the experiment. In a cluster at most 63 characters and no dots, since the names of its pods begin with it.',
    ),
    namespace: labelName().optional().describe('Namespace of the experiment.'),
    labels: labels().optional().describe('Labels, for selecting objects.'),
    annotations: annotations().optional().describe('Annotations, for tools.'),
  })
  .describe('Name and labels of the object.');

export type Metadata = z.output<typeof metadataSchema>;
