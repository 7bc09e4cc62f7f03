/** One line of `bench/RESULTS.md`; `reach` and `met` are null where a figure is only shown. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly reach: string | null;
  readonly met: boolean | null;
}

/** A row whose value must not exceed (`<=`) or must reach (`>=`) a number. */
export function row(name: string, value: number, unit: string, bound?: '<=' | '>=', reach?: number): Row {
  const rounded = Number(value.toPrecision(3));
  if (bound === undefined || reach === undefined) return { name, value: rounded, unit, reach: null, met: null };
  const met = bound === '<=' ? value <= reach : value >= reach;
  return { name, value: rounded, unit, reach: `${bound} ${reach}`, met };
}

/** In place of a row that this machine cannot measure. */
export function unavailable(name: string, why: string): Row {
  return { name, value: Number.NaN, unit: `unavailable: ${why}`, reach: null, met: null };
}

/** A value to three digits, `-` where there is none. */
export function shown(value: number): string {
  return Number.isNaN(value) ? '-' : String(Number(value.toPrecision(3)));
}

/** Prints rows as a table for people. */
export function printTable(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, value, unit, reach, met } of rows) {
    const verdict = reach === null ? '' : `  ${met ? 'reached' : 'MISSED'} (${reach})`;
    console.log(`${name.padEnd(width)}  ${shown(value).padStart(8)} ${unit}${verdict}`);
  }
}

/** Prints rows as a table for people and as one JSON line for programs. */
export function print(rows: readonly Row[]): void {
  printTable(rows);
  console.log(JSON.stringify(rows));
}

/** Middle of the times in ms that `repetitions` runs take, after some that do not count. */
export async function medianMs(work: () => void | Promise<void>, repetitions = 15, warmUp = 4): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < warmUp + repetitions; i++) {
    const start = performance.now();
    await work();
    if (i >= warmUp) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

/** A small seeded generator (mulberry32) of numbers from 0 to 1, so that every run encodes the same tensor. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** VGG16's block1_conv1 in shape: 12,845,056 bytes of normally distributed values after a ReLU, half of them zero. */
export function reluTensor(shape: readonly number[] = [1, 64, 224, 224]): Float32Array {
  const random = seeded(1);
  const count = shape.reduce((product, size) => product * size, 1);
  const values = new Float32Array(new SharedArrayBuffer(4 * count));
  for (let i = 0; i < count; i++) {
    values[i] = Math.max(0, Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  }
  return values;
}
