import { Presets, SingleBar } from 'cli-progress';
import type { Io } from '../io.ts';

/** Shows how far a run is: a bar on a terminal, else a line every tenth of the way. */
export interface Progress extends Disposable {
  /** `total` visits are planned, `done` of them need no more attempts. */
  update(done: number, total: number): void;
  /** A line of its own. */
  say(text: string): void;
}

export function showProgress(stderr: Io['stderr'], now: () => number): Progress {
  return stderr.isTTY ? bar(stderr) : lines(stderr, now);
}

function bar(stderr: Io['stderr']): Progress {
  const shown = new SingleBar(
    { format: '{bar} {value}/{total} visits, {eta_formatted} left', hideCursor: true, clearOnComplete: true },
    Presets.rect,
  );
  let started = false;
  return {
    update(done, total) {
      if (started) {
        shown.setTotal(total);
        shown.update(done);
      } else shown.start(total, done);
      started = true;
    },
    say(text) {
      // The bar's own line is written again with its next update.
      stderr.write(started ? `\r\u001b[K${text}\n` : `${text}\n`);
    },
    [Symbol.dispose]() {
      if (started) shown.stop();
    },
  };
}

function lines(stderr: Io['stderr'], now: () => number): Progress {
  let first: { readonly atMs: number; readonly done: number } | undefined;
  let nextTenth = 0;
  return {
    update(done, total) {
      first ??= { atMs: now(), done };
      if (total === 0 || done / total < nextTenth / 10) return;
      nextTenth = Math.floor((done / total) * 10) + 1;
      stderr.write(`${done}/${total} visits${timeLeft(first, done, total, now())}\n`);
    },
    say: (text) => void stderr.write(`${text}\n`),
    [Symbol.dispose]() {},
  };
}

function timeLeft(first: { atMs: number; done: number }, done: number, total: number, nowMs: number): string {
  if (done <= first.done || done >= total) return '';
  const leftMs = ((nowMs - first.atMs) / (done - first.done)) * (total - done);
  return `, about ${formatSeconds(leftMs / 1000)} left`;
}

/** Seconds for people: 48s, 3m20s, 2h05m. */
export function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole}s`;
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`;
}
