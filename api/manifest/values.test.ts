import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { atomicList, distinctList, map, mapList, setList } from './lists.ts';
import { claimPathSchema } from './references.ts';
import { decimalText, duration, integer, objectName, quantity, relativePath, sha256, text, url } from './values.ts';
import { workerSchema } from './worker.ts';

const cases: readonly (readonly [string, z.ZodType, readonly unknown[], readonly unknown[]])[] = [
  ['text', text(3), ['a', 'abc'], ['', 'abcd', 1, null]],
  ['integer', integer(1, 3), [1, 3], [0, 4, 1.5, '1', 2 ** 40]],
  [
    'quantity',
    quantity({ min: '100k', max: '100G' }),
    ['100k', '100G', 100_000, '1e6', '0.1M', '1Mi'],
    ['99.9k', '100.1G', 99_999, 1.5, '', '1MB', true, null, `${'0'.repeat(40)}1M`],
  ],
  [
    'duration',
    duration({ min: '1us', max: '10s' }),
    ['1us', '10s', '0.5ms', '10000ms'],
    ['0s', '10.001s', '1m', '1h', '5', 5, ''],
  ],
  ['long duration', duration({ min: '1ms', max: '24h', long: true }), ['5m', '24h', '1ms'], ['25h', '1d', '0s']],
  ['decimal', decimalText({ min: '0', max: '100' }), ['0', '0.1', '1e2', '100'], ['-0.1', '100.01', '1%', 1, '']],
  ['name', objectName(), ['a', 'a-b.c', '0'], ['A', '-a', 'a-', 'a..b', 'a_b', '', 'a'.repeat(254)]],
  ['address', url(), ['http://a', 'https://a.b:1/c?d'], ['ftp://a', 'http://', 'http:///x', 'a', 'http://a b']],
  ['digest', sha256(), ['a1'.repeat(32)], ['A1'.repeat(32), 'a1', '']],
  [
    'path below',
    relativePath(),
    ['a', 'a/b.onnx', '.hidden/x', '..a/b', 'a..b'],
    ['/a', '../a', 'a/../b', 'a//b', './a', 'a/', '.', '..', ''],
  ],
  ['set', setList(integer(0, 9), { min: 1, max: 2 }), [[1], [1, 2]], [[], [1, 1], [1, 2, 3], 1]],
  ['list', atomicList(integer(0, 9), { max: 2 }), [[], [1, 1]], [[1, 2, 3]]],
  ['list of distinct', distinctList(integer(0, 9), { max: 2 }), [[1, 2]], [[1, 1]]],
  [
    'list of named',
    mapList(claimPathSchema, 'claimName', { max: 2 }),
    [
      [
        { claimName: 'a', path: 'p' },
        { claimName: 'b', path: 'p' },
      ],
    ],
    [
      [
        { claimName: 'a', path: 'p' },
        { claimName: 'a', path: 'q' },
      ],
    ],
  ],
  [
    'map',
    map(integer(0, 9), { max: 2, maxKeyLength: 3 }),
    [{}, { a: 1, abc: 2 }],
    [{ a: 1, b: 2, c: 3 }, { abcd: 1 }, { '': 1 }, { a: 10 }, []],
  ],
  [
    'resources',
    workerSchema,
    [{ resources: { limits: { cpu: '500m', 'nvidia.com/gpu': 1 } } }],
    [{ resources: { limits: { cpu: 'x' } } }],
  ],
  [
    'pod template',
    workerSchema,
    [{ template: { spec: { anything: [1, { x: null }] } } }, { template: {} }],
    [{ template: [] }, { template: 'x' }],
  ],
];

for (const [name, schema, good, bad] of cases) {
  test(`${name}: what is accepted and what is not`, () => {
    for (const value of good) assert.ok(schema.safeParse(value).success, `${JSON.stringify(value)} should be accepted`);
    for (const value of bad) assert.ok(!schema.safeParse(value).success, `${JSON.stringify(value)} should be refused`);
  });
}
