import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../canonical.ts';
import { linkSchema } from './link.ts';
import { distinctLinks, linkContent } from './link-content.ts';

const content = (link: unknown) => canonicalJson(linkContent(linkSchema.parse(link)));

function profile(uplink: object, more: object = {}) {
  return { name: 'a', type: 'Profile', profile: { uplink, downlink: { bandwidth: '1M', delay: '1ms' }, ...more } };
}

test('links that behave alike have the same content, however they are written', () => {
  const one = profile({
    bandwidth: '20M',
    delay: '25ms',
    loss: { percent: '0.1' },
    jitter: '1ms',
    jitterCorrelation: '1s',
  });
  const other = profile(
    {
      loss: { meanBurst: '1.0', percent: '1e-1' },
      delay: '0.025s',
      jitterCorrelation: '1000ms',
      jitter: '1000us',
      bandwidth: 20_000_000,
    },
    { transport: 'Tcp' },
  );
  assert.equal(content(one), content({ ...other, name: 'b' }));
  assert.equal(content({ name: 'a', type: 'None' }), content({ name: 'b', type: 'None' }));
});

test('links that behave differently have different content', () => {
  const contents = [
    { name: 'a', type: 'None' },
    profile({ bandwidth: '20M', delay: '25ms' }),
    profile({ bandwidth: '20M', delay: '25ms' }, { transport: 'Fluid' }),
    profile({ bandwidth: '20M', delay: '24ms' }),
    profile({ bandwidth: '21M', delay: '25ms' }),
    profile({ bandwidth: '20M', delay: '25ms', queueBytes: 65_536 }),
    profile({ bandwidth: '20M', delay: '25ms', loss: { percent: '1' } }),
    { name: 'a', type: 'Trace', trace: { format: 'Csv', uplink: { builtin: 'a' }, downlink: { builtin: 'b' } } },
    {
      name: 'a',
      type: 'Trace',
      trace: { format: 'Csv', uplink: { builtin: 'a' }, downlink: { builtin: 'b' }, delay: '1s' },
    },
  ].map(content);
  assert.equal(new Set(contents).size, contents.length);
});

test('one network under two names is refused; what is no link, or bears the same name, is told elsewhere', () => {
  const fast = profile({ bandwidth: '1M', delay: '1ms' });
  const same = { ...profile({ bandwidth: '1000k', delay: '1000us' }), name: 'b' };
  assert.deepEqual(
    distinctLinks.check([fast, { type: 'Profile' }, same]).map(({ path, message }) => [...path, message]),
    [[2, 'is the same network as a']],
  );
  assert.deepEqual(distinctLinks.check([fast, fast]), []);
  assert.deepEqual(distinctLinks.check('links'), []);
});
