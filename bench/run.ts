/**
 * Runs benches one after the other, on a machine that should do nothing else, and writes their figures to
 * `bench/RESULTS.md`: `node bench/run.ts [name...]`. With names only these are run, and nothing is written.
 * Exit status 1 where a figure falls short or a bench fails, 2 for an unknown name.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describeMachine, load } from './machine.ts';
import { markdown, type Section } from './report.ts';
import { printTable, type Row } from './row.ts';

interface Bench {
  readonly what: string;
  readonly load: () => Promise<{ readonly run: () => Promise<readonly Row[]> }>;
}

const benches: Readonly<Record<string, Bench>> = {
  quickstart: { what: 'A whole run: examples/quickstart.yaml', load: () => import('./quickstart.ts') },
  traces: { what: 'What tracing costs', load: () => import('./traces.ts') },
  planning: { what: 'Planning VGG16', load: () => import('./planning.ts') },
  vgg16: { what: 'VGG16: memory, and against JSON over TCP', load: () => import('./vgg16.ts') },
  transport: { what: 'A 12.8 MB tensor through NATS', load: () => import('./transport.ts') },
  codecs: { what: 'Codecs on a 12.8 MB tensor', load: () => import('./codecs.ts') },
  operator: { what: 'The operator as it is installed', load: () => import('./operator.ts') },
  kubernetes: { what: 'The client and informers of the operator', load: () => import('./kubernetes-client.ts') },
  emulator: { what: 'The link emulator', load: () => import('./link/emulator.ts') },
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) {
  console.error(`no bench ${unknown}: ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}

const machine = await describeMachine();
console.log(machine.join('\n'));
const sections: Section[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue;
  sections.push(await measure(name, bench));
}
if (names.length === 0) {
  const file = fileURLToPath(new URL('./RESULTS.md', import.meta.url));
  await writeFile(file, markdown(machine, sections));
  console.log(`\n${file}`);
}
const short = sections.some(({ error, rows }) => error !== undefined || rows.some(({ met }) => met === false));
process.exit(short ? 1 : 0);

async function measure(name: string, bench: Bench): Promise<Section> {
  const before = load();
  const startMs = performance.now();
  console.log(`\n${bench.what} (load ${before.toFixed(1)})`);
  const common = { name, what: bench.what, load: before };
  const seconds = () => (performance.now() - startMs) / 1000;
  try {
    const { run } = await bench.load();
    const rows = await run();
    printTable(rows);
    return { ...common, seconds: seconds(), rows };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(error);
    return { ...common, seconds: seconds(), rows: [], error: message };
  }
}
