/**
 * The names of `candidates` that somebody who wrote `word` may have meant, the likeliest first, at most `limit`, none
 * when nothing is close. Close is: at most a third of the letters differ (and always one may), or `word` is part of the
 * name. Case is ignored; equally close names keep their order.
 */
export function nearest(word: string, candidates: Iterable<string>, limit = 3): string[] {
  const sought = word.toLowerCase();
  const allowed = Math.max(1, Math.floor(sought.length / 3));
  const close: { readonly name: string; readonly distance: number }[] = [];
  for (const name of new Set(candidates)) {
    const distance = distanceTo(sought, name.toLowerCase(), allowed);
    if (distance <= allowed) close.push({ name, distance });
  }
  return close
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ name }) => name);
}

/** The at most `limit` names of `candidates` that differ least from `word`, however much; case is ignored. */
export function leastDifferent(word: string, candidates: Iterable<string>, limit = 5): string[] {
  return [...new Set(candidates)]
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ name }) => name);
}

function distanceTo(sought: string, name: string, allowed: number): number {
  if (sought.length >= 3 && name.includes(sought)) return sought === name ? 0 : 1;
  if (Math.abs(sought.length - name.length) > allowed) return Number.POSITIVE_INFINITY;
  return editDistance(sought, name);
}

/** Insertions, deletions, substitutions and swaps of neighbours between two words (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = a[row - 1] === b[column - 1] ? 0 : 1;
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + changed);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
