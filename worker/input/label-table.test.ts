import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputFileError } from './errors.ts';
import { classOf, parseLabelTable } from './label-table.ts';

test('the columns file and label are found by their names', () => {
  const text = '\uFEFFsource,label,file\r\nme,"tabby, tabby cat",a.png\r\n\r\nme,"the ""alp""",b.png';
  assert.deepEqual(
    [...parseLabelTable('l.csv', text)],
    [
      ['a.png', 'tabby, tabby cat'],
      ['b.png', 'the "alp"'],
    ],
  );
});

test('whatever is quoted is read', () => {
  const field = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(fc.dictionary(field, field), (table) => {
      const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const rows = Object.entries(table).map(([file, label]) => `${quote(file)},${quote(label)}\n`);
      assert.deepEqual([...parseLabelTable('l.csv', `file,label\n${rows.join('')}`)], Object.entries(table));
    }),
  );
});

test('a table that is not whole is refused with the reason', () => {
  const refused: readonly [string, RegExp][] = [
    ['', /the first line is ''.*file,label/],
    ['name,class\na,b', /'name,class'/],
    ['file,label\na.png', /the row 'a.png' lacks/],
    ['file,label\n,cat', /the row ',cat' lacks/],
    ['file,label\na.png,cat\na.png,dog', /'a.png' has two rows/],
    ['file,label\na.png,"cat"s', /line 2 is no csv/],
    ['file,label\na.png,"cat', /line 2 is no csv/],
  ];
  for (const [text, reason] of refused) {
    const matches = (error: unknown) => error instanceof InputFileError && reason.test(error.message);
    assert.throws(() => parseLabelTable('l.csv', text), matches, String(reason));
  }
});

test('any text is read or refused', () => {
  const pieces = fc.array(fc.constantFrom('file', 'label', ',', '"', '\n', '\r\n', 'a', '""'), { maxLength: 30 });
  fc.assert(
    fc.property(pieces, (parts) => {
      try {
        parseLabelTable('l.csv', parts.join(''));
      } catch (error) {
        assert.ok(error instanceof InputFileError);
      }
    }),
  );
});

test('a label is the name of a class, or its number where no class has that name', () => {
  assert.equal(classOf('cat', ['dog', 'cat']), 'cat');
  assert.equal(classOf('1', ['dog', 'cat']), 'cat');
  assert.equal(classOf('1', ['1', '0']), '1');
  assert.equal(classOf('2', ['dog', 'cat']), undefined);
  assert.equal(classOf('mouse', ['dog', 'cat']), undefined);
  assert.equal(classOf('mouse', undefined), 'mouse');
});
