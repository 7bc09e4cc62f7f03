import { createInterface } from 'node:readline';
import { samplesHeader } from '../../api/record/files.ts';
import { recordSchema, type VisitRecord } from '../../api/record/record.ts';
import { parseSampleLine, type SampleLine } from '../../api/record/samples.ts';
import { UsageError } from '../errors.ts';

/** The records of a `results.jsonl`. Throws `UsageError` for one of another version. */
export async function* readRecordLines(input: NodeJS.ReadableStream, name: string): AsyncGenerator<VisitRecord> {
  for await (const line of linesOf(input)) {
    try {
      yield recordSchema.parse(JSON.parse(line));
    } catch (cause) {
      throw new UsageError(`${name} has a record that this version does not know`, { cause });
    }
  }
}

/** The lines of a `samples.csv`. Throws `UsageError` for one of another version. */
export async function* readSampleLines(input: NodeJS.ReadableStream, name: string): AsyncGenerator<SampleLine> {
  let isHeader = true;
  for await (const line of linesOf(input)) {
    const sample = parseSampleLine(line);
    if (isHeader ? `${line}\n` !== samplesHeader : !sample) {
      throw new UsageError(`${name} has other columns than this version writes`);
    }
    if (!isHeader && sample) yield sample;
    isHeader = false;
  }
}

async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) if (line !== '') yield line;
  } finally {
    lines.close();
  }
}
