import { accepted } from '../../api/manifest/accepted.ts';
import { manifestSchema } from '../../api/manifest/manifest.ts';
import { type SchemaNode, toStructural } from '../../api/manifest/schema-tree.ts';

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

type Row = readonly [field: string, accepted: string, absent: string, meaning: string];

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

function rowsOf(name: string, node: SchemaNode, parent: SchemaNode | undefined): Row[] {
  const required = parent?.required?.includes(name.split('.').at(-1) ?? '') === true && node.default === undefined;
  const own: Row = [`\`${name}\``, accepted(shown(node)), absent(node, required), node.description ?? ''];
  return hasMembers(node) ? [own, ...membersOf(suffixed(name, node), node.items ?? node)] : [own];
}

function membersOf(prefix: string, node: SchemaNode): Row[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, member]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return rowsOf(path, member, node);
  });
}

function suffixed(name: string, node: SchemaNode): string {
  return node.type === 'array' ? `${name}[]` : name;
}

/** Members stand in rows of their own. */
function shown(node: SchemaNode): SchemaNode {
  return hasMembers(node) && node.type === 'object' ? { type: 'object' } : node;
}

function hasMembers(node: SchemaNode): boolean {
  return Object.keys(node.properties ?? node.items?.properties ?? {}).length > 0;
}

function absent(node: SchemaNode, required: boolean): string {
  if (required) return 'required';
  if (node.default === undefined || JSON.stringify(node.default) === '{}') return '';
  return `\`${JSON.stringify(node.default).replaceAll('"', '')}\``;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
