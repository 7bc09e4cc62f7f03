/**
 * Loaded before a program (`node --import`): every clock of one process runs ahead by a fixed time, as if it ran on another
 * machine. SPLITLAB_TEST_SKEW has the end of its entry file's path and the milliseconds, as `remote/main.ts:-250`;
 * other processes keep their clocks, threads have those of their process.
 */
const [entry = '', ms = '0'] = (process.env.SPLITLAB_TEST_SKEW ?? '').split(':');
// A thread's own entry file is another one, but it has a copy of its process' environment.
const isSkewed =
  process.env.SPLITLAB_TEST_SKEWED === '1' || (entry !== '' && process.argv[1]?.endsWith(entry) === true);

if (isSkewed) {
  process.env.SPLITLAB_TEST_SKEWED = '1';
  skewBy(Number(ms));
}

function skewBy(skewMs: number): void {
  const skewNs = BigInt(Math.round(skewMs * 1e6));
  const bigint = process.hrtime.bigint.bind(process.hrtime);
  const skewed = (since?: [number, number]): [number, number] => {
    const now = bigint() + skewNs - (since ? BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]) : 0n);
    return [Number(now / 1_000_000_000n), Number(now % 1_000_000_000n)];
  };
  process.hrtime = Object.assign(skewed, { bigint: () => bigint() + skewNs });
  const now = performance.now.bind(performance);
  performance.now = () => now() + skewMs;
  const OwnDate = Date;
  const wall = Date.now;
  globalThis.Date = new Proxy(OwnDate, {
    get: (target, key) => (key === 'now' ? () => wall() + skewMs : Reflect.get(target, key)),
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [wall() + skewMs] : args, newTarget),
  });
}
