import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { UsageError } from '../errors.ts';
import { openRunFolder } from './folder.ts';
import { takeLock } from './lock.ts';

let parent: string;
before(async () => {
  parent = await mkdtemp(join(tmpdir(), 'splitlab-folder-'));
});
after(() => rm(parent, { recursive: true, force: true }));

const now = () => new Date('2026-01-01T00:00:00Z');
const request = (path: string, changes: { manifestDigest?: string; resume?: boolean } = {}) => ({
  path: join(parent, path),
  name: 'quick',
  manifestDigest: 'm1',
  toolVersion: '0.1.0',
  resume: false,
  now,
  ...changes,
});

const refused = (message: RegExp) => (error: unknown) => error instanceof UsageError && message.test(error.message);

test('an unfinished run is refused without resume and keeps its uid with it', async () => {
  const first = await openRunFolder(request('a'));
  await first[Symbol.asyncDispose]();
  await assert.rejects(openRunFolder(request('a')), refused(/unfinished run.*--resume/));
  await using again = await openRunFolder(request('a', { resume: true }));
  assert.equal(again.run.uid, first.run.uid);
});

test('what was lost before an interruption is known to the start that goes on', async () => {
  const spans = { delivered: 3, lost: 5, reason: 'no answer' };
  const first = await openRunFolder(request('spans'));
  await first.interrupt(spans);
  await first[Symbol.asyncDispose]();
  await using again = await openRunFolder(request('spans', { resume: true }));
  assert.deepEqual([again.run.spans, again.finished], [spans, false]);
});

test('a run of another manifest is refused either way', async () => {
  const first = await openRunFolder(request('b'));
  await first.finish(null);
  await first[Symbol.asyncDispose]();
  for (const resume of [false, true]) {
    await assert.rejects(openRunFolder(request('b', { manifestDigest: 'm2', resume })), refused(/another manifest/));
  }
});

test('a finished run of the same manifest is kept under a number', async () => {
  for (let run = 0; run < 3; run++) {
    await using folder = await openRunFolder(request('c'));
    await writeFile(folder.file('results.jsonl'), String(run));
    await folder.finish(null);
    assert.equal(folder.movedTo, run === 0 ? null : join(parent, `c.${run}`));
  }
  assert.deepEqual((await readdir(join(parent, 'c.1'))).sort(), ['logs', 'results.jsonl', 'run.json']);
});

test('files of somebody else are left alone', async () => {
  await mkdir(join(parent, 'd'));
  await writeFile(join(parent, 'd', 'thesis.tex'), '');
  await assert.rejects(openRunFolder(request('d')), refused(/thesis\.tex/));
  assert.deepEqual(await readdir(join(parent, 'd')), ['thesis.tex']);
});

test('a folder in use is refused, a lock whose process is gone is taken over', async () => {
  await mkdir(join(parent, 'e'));
  await writeFile(join(parent, 'e', 'run.lock'), '999999999 1');
  await using folder = await openRunFolder(request('e'));
  assert.equal(folder.run.name, 'quick');
  await assert.rejects(openRunFolder(request('e', { resume: true })), refused(/process \d+ is running in this folder/));
});

test('a finished run that is resumed stays as it is', async () => {
  const first = await openRunFolder(request('f'));
  assert.equal(first.finished, false);
  await first.finish(null);
  await first[Symbol.asyncDispose]();
  await using again = await openRunFolder(request('f', { resume: true }));
  assert.deepEqual([again.finished, again.movedTo], [true, null]);
  assert.deepEqual(again.run, { ...first.run, finishedAt: now().toISOString() });
});

test('of many that want a folder at once one gets it', async () => {
  // Whether two see the same lock of a process that is gone is a matter of luck.
  for (let round = 0; round < 30; round++) {
    const folder = join(parent, `g${round}`);
    const file = join(folder, 'run.lock');
    await mkdir(folder);
    await writeFile(file, '');
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(file)));
    const taken = tries.filter((one) => one.status === 'fulfilled');
    assert.equal(taken.length, 1);
    assert.deepEqual(await readdir(folder), ['run.lock']);
    for (const one of tries) if (one.status === 'rejected') assert.ok(refused(/is running in this folder/)(one.reason));
    await taken[0]?.value[Symbol.asyncDispose]();
    assert.deepEqual(await readdir(folder), []);
  }
});

test('a lock is taken over although whoever was about to do so is gone too', async () => {
  await mkdir(join(parent, 'h'));
  for (const name of ['run.lock', 'run.lock.takeover']) await writeFile(join(parent, 'h', name), '999999999 1');
  await using _lock = await takeLock(join(parent, 'h', 'run.lock'));
  assert.deepEqual(await readdir(join(parent, 'h')), ['run.lock']);
});
