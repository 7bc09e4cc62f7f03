import { accepted } from '../../api/manifest/accepted.ts';
import { manifestSchema } from '../../api/manifest/manifest.ts';
import { type SchemaNode, toStructural } from '../../api/manifest/schema-tree.ts';

import { hasMembers, membersOf, type Row, rowsOf } from './schema-rows.ts';
import { markdownTable } from './table.ts';

const head = `# The manifest

Written by \`node docs/generate.ts\` from the schemas in \`api/manifest\`; do not edit.

A manifest is YAML or JSON. Unknown fields are refused. Every field with a default may be left out. Lists stand as
\`name[]\`, maps as \`name{}\`. \`splitlab validate FILE\` lists all mistakes of a manifest with line, path and remedy. The
shortest one names a model only:

\`\`\`yaml
apiVersion: splitlab.dev/v1alpha1
kind: SplitExperiment
metadata:
  name: first
spec:
  model:
    zoo: DigitsCnn
\`\`\`

Some fields are for clusters or for later versions. A local run refuses those that it cannot honour
([the list](../troubleshooting.md#is-not-built-yet)) and warns of those that have no effect.

## In a cluster

The API server checks a manifest by the same schemas and rules, fills in the same defaults, and adds a [status](status.md)
with [conditions](conditions.md). What is different there:

- \`metadata.name\` has at most 63 characters: lower-case letters, digits and \`-\`, beginning and ending with a letter or
  digit. The names of the experiment's pods begin with it.
- \`file\` (in \`model\`, \`input\` and traces) is refused: no worker sees files of your machine.
- \`kubectl apply\` refuses unknown fields, like a local run. With \`--validate=ignore\`, and in clients that do not ask for
  strict validation, the API server drops them silently. Below \`template\` everything is kept.
- A field that is written but empty (\`null\`) is a mistake in a local run; the API server takes it for absent.
- Three mistakes only the operator can find, with the condition \`Succeeded\` False, reason \`InvalidSpec\`: two links that
  are the same network in other words (\`1M\`, \`1000k\`), two codecs that are the same once defaults are filled in, and
  a quantity that Kubernetes would round (finer than 10^-9).
- What depends on the model (layers, shapes, the number of visits) becomes a condition once a worker has read it.

From the start of the first worker (\`status.startTime\`) a manifest is fixed: only \`suspend\`, \`ttlSecondsAfterFinished\`
and \`results\` may change, and \`lanes\` while the experiment is suspended. The API server refuses other changes. It does
not see all of them (the order of \`links\` and of other lists, some changes of a \`template\`): those end the experiment
with the reason \`SpecChanged\`.
`;

/** The reference of the manifest: a table for each member of \`spec\`, from the structural schema. */
export function manifestPage(): string {
  const root = toStructural(manifestSchema);
  const { spec, ...around } = root.properties ?? {};
  const members = Object.entries(spec?.properties ?? {});
  const plain = members.filter(([, node]) => !hasMembers(node));
  const sections = members.filter(([, node]) => hasMembers(node));
  return [
    head,
    section(
      'Around spec',
      undefined,
      Object.entries(around).flatMap(([name, node]) => rowsOf(name, node, root)),
    ),
    section(
      'spec',
      spec?.description,
      plain.flatMap(([name, node]) => rowsOf(name, node, spec)),
    ),
    ...sections.map(([name, node]) =>
      section(`spec.${name}`, withDefault(node), [...membersOf('', node.items ?? node)]),
    ),
  ].join('\n');
}

function section(title: string, text: string | undefined, rows: readonly Row[]): string {
  return [
    `## ${title}\n`,
    ...(text ? [`${text}\n`] : []),
    markdownTable(['field', 'accepted', 'if absent', 'meaning'], rows),
  ].join('\n');
}

/** Members of a list are written once, so the list's own length and default stand in the text above them. */
function withDefault(node: SchemaNode): string {
  const list = node.type === 'array' ? ` ${sentence(accepted(node))}` : '';
  const fallback =
    node.type === 'array' && node.default !== undefined ? ` If absent: \`${JSON.stringify(node.default)}\`.` : '';
  return `${node.description ?? ''}${list}${fallback}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
