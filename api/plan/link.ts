import { durationMilliseconds } from '../duration.ts';
import type { Direction, Link } from '../manifest/link.ts';
import type { LinkDirection, LinkProfile } from '../messages/link.ts';
import { quantityToNumber } from '../quantity.ts';

/** What the link emulator is asked for: rate and delay each way as numbers, or null for the network as it is. */
export function linkProfile(link: Link): LinkProfile {
  const { profile } = link;
  return profile ? { uplink: direction(profile.uplink), downlink: direction(profile.downlink) } : null;
}

function direction({ bandwidth, delay, queueBytes }: Direction): LinkDirection {
  return {
    bitsPerSecond: quantityToNumber(bandwidth),
    delayMs: durationMilliseconds(delay),
    ...(queueBytes !== undefined && { queueBytes }),
  };
}
