import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { showFetching } from './fetching.ts';

function shown(isTTY: boolean): string {
  const stderr = Object.assign(new PassThrough(), { isTTY });
  let nowMs = 0;
  const tell = showFetching(stderr, () => nowMs);
  for (const [ms, bytes] of [
    [0, 0],
    [1_000, 1e6],
    [1_600, 15e5],
    [12_000, 2e6],
  ] as const) {
    nowMs = ms;
    tell({ what: 'Model', name: 'net.onnx', bytes, totalBytes: 2e6 });
  }
  const written: string[] = [];
  for (let text = stderr.read(); text !== null; text = stderr.read()) written.push(`${text}`);
  return written.join('');
}

test('a large download is a line now and then, on a terminal one that changes', () => {
  assert.equal(shown(false), 'fetching net.onnx: 1.0 of 2.0 MB\nfetching net.onnx: 2.0 of 2.0 MB\n');
  assert.match(shown(true), /: 1\.0 of 2\.0 MB\r\S+fetching net\.onnx: 1\.5 of.*\r.*2\.0 of 2\.0 MB\n$/);
});
