/**
 * Lines of a table with aligned columns. Columns whose cells are all numbers stand to the right, or those of
 * `rightAligned`. Control characters, which names from a model may hold, never reach the terminal.
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  rightAligned?: ReadonlySet<number>,
): string[] {
  const all = [header, ...rows].map((row) => row.map(printable));
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const isNumber = (row: readonly string[], column: number) => /^[-+0-9.]|^$/.test(row[column] ?? '');
  const right = header.map((_, column) => rightAligned?.has(column) ?? rows.every((row) => isNumber(row, column)));
  return all.map((row) =>
    row
      .map((cell, column) => (right[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** The text with control characters shown as `?`. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}
