/** The longest text that `formatFigure` gives. */
export const figureMaxLength = 12;

/**
 * A figure as it stands in a status: a decimal string of six significant digits (`23.4568`, `1.5e+12`), whole
 * numbers such as sizes exact.
 */
export function formatFigure(value: number): string {
  const plain = String(Number.isSafeInteger(value) ? value : Number(value.toPrecision(6)));
  return plain.length <= figureMaxLength ? plain : value.toExponential(5);
}
