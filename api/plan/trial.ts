import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical.ts';
import type { Cut } from '../cut.ts';
import type { Codec } from '../manifest/codec.ts';
import type { Link } from '../manifest/link.ts';
import { linkContent } from '../manifest/link-content.ts';

export type Transfer = 'Sequential' | 'Pipelined';

/** One combination of cut, codec, link and batch size. `codec` and `link` are null where the kind has none. */
export interface Trial {
  readonly trialId: string;
  readonly cut: Cut;
  readonly codec: Codec | null;
  readonly link: Link | null;
  readonly batchSize: number;
  readonly transfer: Transfer;
}

/**
 * First 16 hex digits of the SHA-256 of the canonical JSON of what makes a trial: the cut's kind and tensors, the codec
 * with its defaults, the link without its name, the batch size, the transfer and the model's digest. Equal factors give
 * the same id on every machine and in any order of the manifest's lists.
 */
export function trialId(trial: Omit<Trial, 'trialId'>, modelDigest: string): string {
  const { cut, codec, link, batchSize, transfer } = trial;
  const factors = {
    cut: { kind: cut.kind, tensors: cut.tensors.map(({ name }) => name).sort() },
    codec,
    link: link && linkContent(link),
    batchSize,
    transfer,
    modelDigest,
  };
  return sha256(canonicalJson(factors)).slice(0, 16);
}

/** Hex digits of the SHA-256 of a text in UTF-8. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
