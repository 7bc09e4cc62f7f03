import assert from 'node:assert/strict';
import { test } from 'node:test';
import manifest from '../package.json' with { type: 'json' };
import { toolVersion } from './version.ts';

test('the version in the records is that of the package', () => assert.equal(toolVersion, manifest.version));
