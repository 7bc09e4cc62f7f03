/** A stretch of time in ms. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * A stretch as a bar of `width` characters on an axis: full cells where it covers most of one, a thin mark where it is
 * shorter than that, and `<` from its end to its start where it runs backwards.
 */
export function barOf({ startMs, endMs }: Span, axis: Span, width: number): string {
  const perMs = width / (axis.endMs - axis.startMs || 1);
  const cell = (ms: number) => Math.min(width, Math.max(0, Math.round((ms - axis.startMs) * perMs)));
  const [from, to] = startMs <= endMs ? [cell(startMs), cell(endMs)] : [cell(endMs), cell(startMs)];
  const at = Math.min(from, width - 1);
  const bar = endMs < startMs ? '<'.repeat(Math.max(1, to - from)) : '█'.repeat(to - from) || '▏';
  return (' '.repeat(bar.length === 1 ? at : from) + bar).padEnd(width);
}

/** The axis: round numbers of ms, and ticks below them. */
export function axisLines(axis: Span, width: number): [numbers: string, ticks: string] {
  const lengthMs = axis.endMs - axis.startMs || 1;
  const stepMs = roundStep(lengthMs / Math.max(1, Math.floor(width / 8)));
  const digits = Math.max(0, -Math.floor(Math.log10(stepMs)));
  let [numbers, ticks] = ['', ''];
  for (let index = Math.ceil(axis.startMs / stepMs); index * stepMs <= axis.endMs; index++) {
    const cell = Math.round(((index * stepMs - axis.startMs) / lengthMs) * width);
    const text = (index * stepMs).toFixed(digits);
    if (cell + text.length > width || (numbers.length > 0 && cell <= numbers.length)) continue;
    numbers = numbers.padEnd(cell) + text;
    ticks = `${ticks.padEnd(cell, '─')}┬`;
  }
  return [numbers.padEnd(width), ticks.padEnd(width, '─')];
}

/** The least of 1, 2 and 5 times a power of ten that is not below `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}
