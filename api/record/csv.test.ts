import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvLine } from './csv.ts';

test('cells are quoted only where RFC 4180 asks for it; null is empty', () => {
  assert.equal(csvLine(['a', 1.5, true, null, -0.25]), 'a,1.5,true,,-0.25');
  assert.equal(
    csvLine(['a,b', 'say "x"', 'two\nlines', 'cr\r', ' kept ']),
    '"a,b","say ""x""","two\nlines","cr\r", kept ',
  );
  assert.equal(csvLine([]), '');
});
