/** One mistake of a manifest: where, what stands there, what is wrong with it, and what to do about it. */
export interface Problem {
  /** As in `spec.links[1].profile.uplink.bandwidth`; empty for the manifest as a whole. */
  readonly path: string;
  /** What stands there; undefined when nothing does. */
  readonly value?: unknown;
  /** The end of a sentence that begins with the value: "is not a field of spec". */
  readonly message: string;
  readonly remedy: string;
  /** The file, or the option that set the value. */
  readonly source?: string;
  /** Counted from 1. */
  readonly line?: number;
  readonly column?: number;
}

/** Something to know about a manifest that is otherwise fine. */
export type Warning = Problem;

/** A problem as one line: `file.yaml:3:5: spec.lanes: 0 is too small; write a whole number from 1 to 64`. */
export function formatProblem(problem: Problem): string {
  const { path, value, message, remedy, source, line, column } = problem;
  const place = [source, line, column].filter((part) => part !== undefined).join(':');
  const shown = typeof value === 'object' && value !== null ? '' : showValue(value);
  const sentence = [shown, message].filter((part) => part !== '').join(' ');
  return [place, path, `${sentence}; ${remedy}`].filter((part) => part !== '').join(': ');
}

function showValue(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
