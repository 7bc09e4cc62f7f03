import { z } from 'zod';
import type { Breach } from '../../../api/manifest/rules.ts';
import { withRules } from '../../../api/manifest/rules.ts';
import { isPlainObject } from '../../../api/plain-object.ts';
import { labelKeys, managedBy } from '../labels.ts';
import { undisturbed } from '../undisturbed.ts';

/** Prefixes of keys that are not a template's: our own, and the former way of switching AppArmor off. */
const reserved = ['splitlab.dev/', 'container.apparmor.security.beta.kubernetes.io/'];

/** Labels or annotations of which none is one of ours with another value. */
function entries(ours: Readonly<Record<string, string>>) {
  return withRules(z.record(z.string(), z.string()), {
    check: (given) => (isPlainObject(given) ? Object.entries(given).flatMap((entry) => breachOf(entry, ours)) : []),
  });
}

function breachOf([key, value]: [string, unknown], ours: Readonly<Record<string, string>>): readonly Breach[] {
  const path = [key];
  if (reserved.some((prefix) => key.startsWith(prefix))) {
    return [{ path, message: 'is a key that splitlab sets itself', remedy: 'use a key with a prefix of your own' }];
  }
  if (!Object.hasOwn(ours, key) || ours[key] === value) return [];
  return [{ path, message: 'is not what splitlab sets', remedy: `leave it out, or write "${ours[key]}"` }];
}

/** Labels and annotations that a worker's pod gets beside ours. */
export const metadataSchema = z.strictObject({
  labels: entries({ ...undisturbed.labels, [labelKeys.managedBy]: managedBy }).exactOptional(),
  annotations: entries(undisturbed.annotations).exactOptional(),
});
