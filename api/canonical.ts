import { CanonicalJsonError } from './errors.ts';

/**
 * The canonical JSON of a value (RFC 8785): no spaces, members in the order of their names' UTF-16 code units, numbers
 * as ECMAScript writes them. Members that are undefined are left out, as in `JSON.stringify`. Equal values give equal
 * text on any machine. Throws CanonicalJsonError for anything that JSON cannot hold exactly.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$');
}

function write(value: unknown, path: string): string {
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'number':
      if (!Number.isFinite(value)) throw new CanonicalJsonError(path, String(value));
      return JSON.stringify(value);
    case 'string':
      if (!value.isWellFormed()) throw new CanonicalJsonError(path, 'a string with half a surrogate pair');
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) {
        return `[${Array.from(value, (item, index) => write(item, `${path}[${index}]`)).join(',')}]`;
      }
      if (isPlain(value)) return writeObject(value, path);
      throw new CanonicalJsonError(path, `an instance of ${value.constructor?.name ?? 'an unknown class'}`);
    default:
      throw new CanonicalJsonError(path, typeof value);
  }
}

function writeObject(value: object, path: string): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${write(name, path)}:${write(member, `${path}.${name}`)}`);
  return `{${members.join(',')}}`;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
