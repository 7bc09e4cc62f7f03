import { statusTree } from '../../api/status/bound.ts';
import { membersOf } from './schema-rows.ts';
import { markdownTable } from './table.ts';

const head = `# The status

Written by \`node docs/generate.ts\` from the schemas in \`api/status\`; do not edit.

In a cluster the operator reports in the \`status\` of the object. Every field may be absent. Numbers are whole, or decimal
strings with six significant digits; times are UTC. The status is always below 64 KiB: long texts end in \`…\`, and where
there is no room for all, the last of \`best\` and \`pareto\` are left out. The records have everything.

\`kubectl get splitx\` shows \`summary\` and the condition \`Succeeded\`; \`-o wide\` adds the link. Wait for the end with
\`kubectl wait --for=condition=Succeeded splitx/NAME\`, or for its failure with \`--for=condition=Succeeded=False\`. The
conditions and their reasons stand on [a page of their own](conditions.md).
`;

/** The reference of the status, from its structural schema. */
export function statusPage(): string {
  const rows = membersOf('', statusTree()).map(([field, type, , meaning]) => [field, type, meaning]);
  return [head, markdownTable(['field', 'type', 'meaning'], rows)].join('\n');
}
