import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const head = `# Decisions

Written by \`node docs/generate.ts\`. One page each: what was decided, what was measured, what was given up. Figures are of
the machine and the day on which they were measured.
`;

/** The list of the decisions, from their titles. */
export function decisionsPage(): string {
  const files = globSync('[0-9]*.md', { cwd: import.meta.dirname }).sort();
  const lines = files.map((file) => `- ${file.slice(0, 4)} [${titleOf(file)}](${file})\n`);
  return `${head}\n${lines.join('')}`;
}

function titleOf(file: string): string {
  const [first = ''] = readFileSync(join(import.meta.dirname, file), 'utf8').split('\n');
  return first.replace(/^# (\d{4} )?/, '');
}
