/** The steps to a value: names of members and indices of lists. */
export type Path = readonly (string | number)[];

const plainName = /^[A-Za-z_][\w-]*$/;

/** A path as it is written everywhere: `spec.links[1].name`, `metadata.labels["a.b/c"]`. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!plainName.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** Reads the path at the start of a text; `rest` is what follows it. Null when there is none. */
export function readPath(text: string): { readonly path: Path; readonly rest: string } | null {
  const step = /\.?([A-Za-z_][\w-]*)|\[(0|[1-9][0-9]{0,5})\]|\[("(?:[^"\\]|\\.)*")\]/y;
  const path: (string | number)[] = [];
  let end = 0;
  for (let match = step.exec(text); match !== null; match = step.exec(text)) {
    const [whole, name, index, quoted] = match;
    if (name !== undefined && whole.startsWith('.') === (path.length === 0)) return null;
    const key = quoted === undefined ? name : unquote(quoted);
    if (key === null) return null;
    path.push(key ?? Number(index));
    end = step.lastIndex;
  }
  return path.length === 0 ? null : { path, rest: text.slice(end) };
}

/** The value at a path, undefined where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Object.entries(value).find(([name]) => name === String(step))?.[1];
  }
  return value;
}

function unquote(quoted: string): string | null {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return null;
  }
}
