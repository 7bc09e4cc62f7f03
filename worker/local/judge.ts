import { decimalToNumber, parseDecimal } from '../../api/decimal.ts';
import { durationMilliseconds } from '../../api/duration.ts';
import type { Tolerance } from '../../api/manifest/measurement.ts';
import type { LinkProfile } from '../../api/messages/link.ts';
import type { LinkProbe, Verdict } from '../../api/record/record.ts';

export const accepted: Verdict = { result: 'Accepted', reason: 'WithinTolerance', message: '' };

/** What one visit saw of its link: probes before and after the repetitions. */
export interface AchievedLink {
  readonly before: LinkProbe | null;
  readonly after: LinkProbe | null;
}

/**
 * Whether the link was what the manifest asks for. It never looks at a latency of the model: what is rejected must not
 * depend on what is measured. A link of type None (`requested` null) is measured and never rejected.
 */
export function judgeLink(requested: LinkProfile, achieved: AchievedLink, tolerance: Tolerance): Verdict {
  if (!requested) return accepted;
  const percent = decimalToNumber(parseDecimal(tolerance.bandwidthPercent));
  const delayMs = durationMilliseconds(tolerance.delay);
  const rttMs = requested.uplink.delayMs + requested.downlink.delayMs;
  for (const [when, probe] of Object.entries(achieved)) {
    if (!probe) continue;
    const rates = [
      ['uplink', probe.uplinkBitsPerSecond, requested.uplink.bitsPerSecond],
      ['downlink', probe.downlinkBitsPerSecond, requested.downlink.bitsPerSecond],
    ] as const;
    for (const [name, found, wanted] of rates) {
      if (Math.abs(found - wanted) > (wanted * percent) / 100) {
        return outside(`${name} ${megabits(found)} ${when} the repetitions, not ${megabits(wanted)} +- ${percent} %`);
      }
    }
    if (Math.abs(probe.rttMilliseconds - rttMs) > delayMs) {
      const found = probe.rttMilliseconds.toFixed(2);
      return outside(`round trip ${found} ms ${when} the repetitions, not ${rttMs} +- ${delayMs} ms`);
    }
  }
  return accepted;
}

function outside(message: string): Verdict {
  return { result: 'Rejected', reason: 'LinkOutOfTolerance', message };
}

function megabits(bitsPerSecond: number): string {
  return `${(bitsPerSecond / 1e6).toPrecision(4)} Mbit/s`;
}
