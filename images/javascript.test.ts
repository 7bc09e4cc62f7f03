import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javascript } from './javascript.ts';

test('types go, places stay, and imports name JavaScript', () => {
  const source = [
    "import type { A } from './a.ts';",
    "import { type B, b } from '../b/b.ts';",
    "import { z } from 'zod';",
    'export const c = (a: A): B => b(a);',
    "const d = await import('./d.ts');",
    "const e = new URL('./e.ts', import.meta.url);",
  ].join('\n');
  const lines = javascript(source).split('\n');
  assert.deepEqual(
    lines.map((line) => line.trim().replaceAll(/ +/g, ' ')),
    [
      '',
      "import { b } from '../b/b.js';",
      "import { z } from 'zod';",
      'export const c = (a ) => b(a);',
      "const d = await import('./d.js');",
      "const e = new URL('./e.js', import.meta.url);",
    ],
  );
  assert.equal(lines[3]?.indexOf('=>'), source.split('\n')[3]?.indexOf('=>'));
});
