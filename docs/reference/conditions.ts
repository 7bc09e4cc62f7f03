import type { ReasonTable } from '../../api/status/reasons/reason.ts';
import { type ConditionType, conditionMeanings, conditionTypes, reasons } from '../../api/status/reasons.ts';
import { markdownTable } from './table.ts';

const head = `# Conditions and reasons

Written by \`node docs/generate.ts\` from the tables in \`api/status/reasons\`; do not edit.

Each condition of a \`SplitExperiment\` has a status, a reason and a message. The message says what was found: the
scheduler's own words, the quota that is used up, the last error of a worker. \`kubectl describe splitx NAME\` shows
conditions and events.

\`Succeeded\` is always there. Unknown means that the experiment is under way. After the start, True and False are the end:
workers go once the records were read back, and what was measured is kept. A manifest that is refused before the start
(no \`status.startTime\`) may be corrected; the operator looks at it again.
`;

/** The reference of the conditions: a table of reasons for each. */
export function conditionsPage(): string {
  const sections = conditionTypes.map((type) => section(type, reasons[type]));
  return [head, ...sections].join('\n');
}

function section(type: ConditionType, table: ReasonTable): string {
  const rows = Object.entries(table).map(([reason, { status, meaning, remedy = '' }]) => [
    `\`${reason}\``,
    status,
    meaning,
    remedy,
  ]);
  const text = `## ${type}\n\n${conditionMeanings[type]}\n`;
  return [text, markdownTable(['reason', 'status', 'meaning', 'what to do'], rows)].join('\n');
}
