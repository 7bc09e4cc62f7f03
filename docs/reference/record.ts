import { z } from 'zod';
import { recordSchema } from '../../api/record/record.ts';
import { sampleColumns } from '../../api/record/samples.ts';
import { summaryColumns } from '../../api/record/summary-csv.ts';
import { type Meaning, recordMeanings, sampleMeanings, summaryMeanings } from './meanings.ts';
import { markdownTable } from './table.ts';

interface Node {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

const head = `# What a run leaves behind

Written by \`node docs/generate.ts\` from the schemas in \`api/record\` and the meanings in \`docs/reference/meanings.ts\`; do
not edit.

Three files in the output folder. Times are milliseconds unless the name says otherwise. \`null\`, or an empty cell, means
that the figure does not exist for this trial, that the machine does not tell, or that it is not measured yet.
[How it measures](../how-it-measures.md) says how each figure comes about.

- \`results.jsonl\`: a line is one attempt at a visit, its record.
- \`samples.csv\`: a line is one timed repetition.
- \`summary.csv\`: a line is one trial over all its blocks.

Join them by \`visitId\` and \`attempt\`, or by \`trialId\`. Attempts that were rejected or failed stay in \`results.jsonl\`
and, where they measured something, in \`samples.csv\`; \`summary.csv\` counts accepted ones only.
`;

/** The reference of record, samples and summary. Throws for a column or field without a meaning. */
export function recordPage(): string {
  const tree = z.toJSONSchema(recordSchema, { reused: 'inline' }) as Node;
  return [
    head,
    '## results.jsonl\n',
    markdownTable(['field', 'type', 'meaning'], rowsOf('', tree)),
    '## samples.csv\n',
    markdownTable(['column', 'meaning'], columns(sampleColumns, sampleMeanings)),
    '## summary.csv\n',
    markdownTable(['column', 'meaning'], columns(summaryColumns, summaryMeanings)),
  ].join('\n');
}

/** An object whose meaning says all, with none for a member, is one row. */
function rowsOf(prefix: string, node: Node): string[][] {
  return Object.entries(bare(node).properties ?? {}).flatMap(([name, member]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const meaning = recordMeanings[path];
    const below = membersOf(path, bare(member));
    if (meaning === undefined && below.length === 0) throw new RangeError(`${path} has no meaning in meanings.ts`);
    return meaning === undefined ? below : [[`\`${path}\``, typeOf(member), meaning], ...below];
  });
}

function membersOf(path: string, node: Node): string[][] {
  const [inside, object] = node.type === 'array' ? [`${path}[]`, bare(node.items ?? {})] : [path, node];
  const hasNoMeaning = recordMeanings[path] === undefined;
  const describesMembers = Object.keys(recordMeanings).some((key) => key.startsWith(`${inside}.`));
  return object.properties && (hasNoMeaning || describesMembers) ? rowsOf(inside, object) : [];
}

function columns(names: readonly string[], meanings: Meaning): string[][] {
  return names.map((name) => {
    const meaning = meanings[name];
    if (meaning === undefined) throw new RangeError(`the column ${name} has no meaning in meanings.ts`);
    return [`\`${name}\``, meaning];
  });
}

/** The node without its alternative null. */
function bare(node: Node): Node {
  return node.anyOf?.find(({ type }) => type !== 'null') ?? node;
}

function typeOf(node: Node): string {
  const inner = bare(node);
  const nullable = inner === node ? '' : ' or null';
  if (inner.enum) return `${inner.enum.join(', ')}${nullable}`;
  if (inner.const !== undefined) return String(inner.const);
  if (inner.type === 'array') return `list${nullable}`;
  return `${[inner.type ?? 'object'].flat().join(' or ')}${nullable}`;
}
