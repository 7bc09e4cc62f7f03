import { canonicalJson } from '../canonical.ts';
import { formatDecimal, parseDecimal } from '../decimal.ts';
import { canonicalDuration } from '../duration.ts';
import { canonicalQuantity } from '../quantity.ts';
import { type Direction, type Link, linkSchema } from './link.ts';
import type { Rule } from './rules.ts';

/**
 * What a link is, whatever it is called: the link without its name, with every quantity, duration and decimal in its
 * canonical text. Two links behave alike exactly when the canonical JSON of their content is equal.
 */
export function linkContent(link: Link) {
  const { name: _, profile, trace, ...rest } = link;
  return {
    ...rest,
    ...(profile && {
      profile: { ...profile, uplink: directionContent(profile.uplink), downlink: directionContent(profile.downlink) },
    }),
    ...(trace && { trace: { ...trace, ...(trace.delay !== undefined && { delay: canonicalDuration(trace.delay) }) } }),
  };
}

/**
 * No two links of a list behave alike: their trials would be the same, once under each name. CEL cannot see that `1M`
 * and `1000k` are equal, so the API server lets such a list pass and the operator refuses it.
 */
export const distinctLinks: Rule = {
  check: (links) => {
    if (!Array.isArray(links)) return [];
    const names = new Map<string, string>();
    return links.flatMap((given: unknown, index) => {
      const link = linkSchema.safeParse(given);
      if (!link.success) return [];
      const content = canonicalJson(linkContent(link.data));
      const earlier = names.get(content);
      names.set(content, earlier ?? link.data.name);
      if (earlier === undefined || earlier === link.data.name) return [];
      return [{ path: [index], message: `is the same network as ${earlier}`, remedy: 'leave one of them out' }];
    });
  },
};

function directionContent({ bandwidth, delay, jitter, jitterCorrelation, loss, ...rest }: Direction) {
  return {
    ...rest,
    bandwidth: canonicalQuantity(bandwidth),
    delay: canonicalDuration(delay),
    ...(jitter !== undefined && { jitter: canonicalDuration(jitter) }),
    ...(jitterCorrelation !== undefined && { jitterCorrelation: canonicalDuration(jitterCorrelation) }),
    ...(loss && { loss: { percent: canonicalDecimal(loss.percent), meanBurst: canonicalDecimal(loss.meanBurst) } }),
  };
}

function canonicalDecimal(text: string): string {
  return formatDecimal(parseDecimal(text));
}
