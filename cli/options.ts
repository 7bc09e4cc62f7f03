import { InvalidArgumentError } from 'commander';

/** Value of an option that counts something. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1.');
  return Number(text);
}

/** Adds one `name=size` to the sizes of free dimensions given so far. */
export function dimension(text: string, sizes: Readonly<Record<string, number>>): Record<string, number> {
  const [, name, size] = /^([^=]+)=([1-9]\d{0,8})$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Give the name of a dimension and its size, as in seq=128.');
  return { ...sizes, [name]: Number(size) };
}
