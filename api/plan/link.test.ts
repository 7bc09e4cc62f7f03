import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../manifest/link.ts';
import { linkProfileSchema } from '../messages/link.ts';
import { linkProfile } from './link.ts';

test('quantities and durations become bits per second and milliseconds', () => {
  const link: Link = {
    name: 'lte',
    type: 'Profile',
    profile: {
      transport: 'Fluid',
      uplink: { bandwidth: '20M', delay: '25ms', queueBytes: 262_144 },
      downlink: { bandwidth: '1500k', delay: '500us' },
    },
  };
  const profile = linkProfile(link);
  assert.deepEqual(profile, {
    uplink: { bitsPerSecond: 20e6, delayMs: 25, queueBytes: 262_144 },
    downlink: { bitsPerSecond: 1.5e6, delayMs: 0.5 },
  });
  assert.deepEqual(linkProfileSchema.parse(profile), profile);
});

test('the network as it is has no profile', () => {
  assert.equal(linkProfile({ name: 'bare', type: 'None' }), null);
});
