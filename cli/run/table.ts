/** Lines of a table with aligned columns; columns whose cells are numbers stand to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const right = header.map((_, column) => rows.every((row) => /^[-+0-9.]|^$/.test(row[column] ?? '')));
  return all.map((row) =>
    row
      .map((cell, column) => (right[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
