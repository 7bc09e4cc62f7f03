import { InputFileError } from './errors.ts';

/**
 * Reads a csv file (RFC 4180) with the columns file and label, named in its first line; others are left alone. Gives the
 * label of each file. Throws InputFileError, `name` saying which table.
 */
export function parseLabelTable(name: string, text: string): ReadonlyMap<string, string> {
  const [header = [], ...rows] = parseCsv(name, text.replace(/^\uFEFF/, ''));
  const [fileColumn, labelColumn] = [header.indexOf('file'), header.indexOf('label')];
  if (fileColumn < 0 || labelColumn < 0) {
    throw new InputFileError(name, `the first line is '${header.join(',')}'`, "it must name the columns 'file,label'");
  }
  const labels = new Map<string, string>();
  for (const row of rows) {
    const [file, label] = [row[fileColumn] ?? '', row[labelColumn] ?? ''];
    if (file === '' || label === '') {
      throw new InputFileError(name, `the row '${row.join(',')}' lacks a file or a label`, 'complete or remove it');
    }
    if (labels.has(file)) throw new InputFileError(name, `'${file}' has two rows`, 'keep one');
    labels.set(file, label);
  }
  return labels;
}

/**
 * The class that a label means: a class name, or the number of a class where no class has that name. Undefined for
 * neither; without `classNames` any label is taken as it is.
 */
export function classOf(label: string, classNames: readonly string[] | undefined): string | undefined {
  if (classNames === undefined || classNames.includes(label)) return label;
  return /^[0-9]+$/.test(label) ? classNames[Number(label)] : undefined;
}

function parseCsv(name: string, text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let end = 0;
  // A field, quoted or not, and what ends it.
  for (const match of text.matchAll(/(?:"([^"]*(?:""[^"]*)*)"|((?:[^",\r\n][^,\r\n]*)?))(,|\r?\n|$)/gy)) {
    const [whole, quoted, plain = '', separator] = match;
    end = match.index + whole.length;
    row.push(quoted?.replaceAll('""', '"') ?? plain.trim());
    if (separator === ',') continue;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  if (end === text.length) return rows;
  const line = text.slice(0, end).split('\n').length;
  throw new InputFileError(
    name,
    `line ${line} is no csv`,
    'put a field with quotes into quotes and double those in it',
  );
}
