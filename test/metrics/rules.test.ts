import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { command } from '../cluster/command.ts';
import { withPrometheus } from './programs.ts';
import { readRules, rulesFile } from './rules.ts';

const { skip, programs } = await withPrometheus();
const cases = join(import.meta.dirname, 'rules.yaml');

test('promtool finds no fault in the rules', { skip }, async () => {
  await command(programs.promtool, ['check', 'rules', '--lint=all', rulesFile]);
});

test('each alert fires when it should, and says what to do', { skip }, async () => {
  await command(programs.promtool, ['test', 'rules', cases]);
  const text = await readFile(cases, 'utf8');
  for (const { alert, annotations, labels } of await readRules()) {
    assert.ok(text.includes(`alertname: ${alert}\n`), `no case for ${alert}`);
    for (const name of ['summary', 'description', 'remedy']) assert.ok(annotations[name], `${alert}: ${name}`);
    assert.match(labels.severity ?? '', /^(critical|warning)$/);
  }
});
