import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../../api/manifest/link.ts';
import type { SegmentTimes } from '../measure/segments.ts';
import { idealMs } from './ideal.ts';

const link: Link = {
  name: 'l',
  type: 'Profile',
  profile: {
    transport: 'Fluid',
    uplink: { bandwidth: '12M', delay: '10ms' },
    downlink: { bandwidth: '24M', delay: '5ms' },
  },
};
const times: SegmentTimes = {
  wait: 1000,
  preprocess: 1,
  head: 2,
  encode: 4,
  uplink: 1000,
  remoteWait: 1000,
  decode: 8,
  tail: 16,
  downlink: 1000,
  postprocess: null,
  inference: 18,
  total: 4031,
};
const bytes = { applicationUp: 14_480, applicationDown: 1448 };

test('computing plus ten full packets up and one down, the waiting left out', () => {
  // 15,000 bytes at 12 Mbit/s are 10 ms, 1,500 at 24 Mbit/s half a millisecond.
  assert.equal(idealMs(link, 'Sequential', times, bytes), 1 + 2 + 4 + 8 + 16 + (10 + 10) + (0.5 + 5));
});

test('null where the model of the link does not say it', () => {
  assert.equal(idealMs(link, 'Pipelined', times, bytes), null);
  assert.equal(idealMs({ name: 'bare', type: 'None' }, 'Sequential', times, bytes), null);
  assert.equal(idealMs(null, 'Sequential', times, null), null);
});
