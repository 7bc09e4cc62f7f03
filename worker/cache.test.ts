import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheFolder } from './cache.ts';

const linux = { platform: 'linux', home: '/home/ada' } as const;

test('SPLITLAB_CACHE wins over the cache folder of the user', () => {
  const environment = { SPLITLAB_CACHE: '/fast/cache', XDG_CACHE_HOME: '/xdg' };
  assert.equal(cacheFolder({ ...linux, environment }), '/fast/cache');
});

test('without it the folder is where the system keeps caches', () => {
  assert.equal(cacheFolder({ ...linux, environment: { XDG_CACHE_HOME: '/xdg' } }), '/xdg/splitlab');
  assert.equal(cacheFolder({ ...linux, environment: { XDG_CACHE_HOME: '' } }), '/home/ada/.cache/splitlab');
  const mac = { platform: 'darwin', home: '/Users/ada', environment: { XDG_CACHE_HOME: '/xdg' } } as const;
  assert.equal(cacheFolder(mac), '/Users/ada/Library/Caches/splitlab');
});
