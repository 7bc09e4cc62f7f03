import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signalUrl } from './endpoint.ts';

for (const endpoint of ['http://j:4318', 'http://j:4318/', 'http://j:4318/v1/traces', 'http://j:4318/v1/traces/']) {
  test(`signals of ${endpoint}`, () => {
    assert.equal(signalUrl(endpoint, 'traces'), 'http://j:4318/v1/traces');
    assert.equal(signalUrl(endpoint, 'metrics'), 'http://j:4318/v1/metrics');
  });
}

test('a path of the receiver stays', () => {
  assert.equal(signalUrl('https://j/otlp', 'traces'), 'https://j/otlp/v1/traces');
});
