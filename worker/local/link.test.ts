import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestSchema } from '../../api/manifest/manifest.ts';
import { subjects } from '../../api/subjects.ts';
import { testNatsServer, testUser } from '../../test/support/nats.ts';
import { Superseded } from '../fatal.ts';
import { laneScope } from '../testing/lane.ts';
import { openConnection } from '../transport/connection.ts';
import { openLaneLink } from './link.ts';

const fast = { bandwidth: '1G', delay: '1ms' };
const { spec } = manifestSchema.parse({
  apiVersion: 'splitlab.dev/v1alpha1',
  kind: 'SplitExperiment',
  metadata: { name: 'lane' },
  spec: {
    model: { zoo: 'DigitsCnn' },
    input: { random: { seed: 1 } },
    links: [{ name: 'fast', type: 'Profile', profile: { uplink: fast, downlink: fast } }],
  },
});

test('the wait for an emulator ends with the reason of its signal', async () => {
  await using server = await testNatsServer();
  const nats = { url: server.url, user: testUser.user, password: testUser.password };
  await using control = await openConnection({ ...nats, name: 'test' });
  await using link = openLaneLink(control, nats, subjects(laneScope), 0);
  const superseded = new Superseded(1, 2);
  const stop = new AbortController();
  const [emulated] = spec.links;
  assert.ok(emulated);
  const waiting = link.ready(emulated, stop.signal);
  stop.abort(superseded);
  await assert.rejects(waiting, (error) => error === superseded);
});
