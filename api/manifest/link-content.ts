import { formatDecimal, parseDecimal } from '../decimal.ts';
import { canonicalDuration } from '../duration.ts';
import { canonicalQuantity } from '../quantity.ts';
import type { Direction, Link } from './link.ts';

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
