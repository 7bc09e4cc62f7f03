import type { CutKind } from '../../api/cut.ts';
import { type ExchangeReply, exchangeRequestSchema } from '../../api/messages/exchange.ts';
import type { Session } from '../inference/session.ts';
import { stack } from '../input/batch.ts';
import { preprocessImage } from '../input/image.ts';
import { normalisePixels } from '../input/normalise.ts';
import type { PreprocessPlan } from '../input/preprocess.ts';
import type { LabelReader } from '../labels.ts';
import { monotonicMs } from '../measure/now.ts';
import type { Tensor } from '../tensor.ts';

/** What the remote side needs to answer the inferences of a visit. */
export interface Answerer {
  readonly kind: Exclude<CutKind, 'LocalOnly'>;
  readonly session: Session;
  /** For files and pixels; null where the inputs are tensors. */
  readonly preprocess: PreprocessPlan | null;
  /** Null where the output tensors go back. */
  readonly labels: LabelReader | null;
}

/** Runs what came over the link through the tail (a baseline: the whole model) and says when each step was done. */
export async function answer(
  { kind, session, preprocess, labels }: Answerer,
  tensors: readonly Tensor[],
  meta: unknown,
): Promise<{ tensors: readonly Tensor[]; meta: ExchangeReply }> {
  const { outputs: wanted } = exchangeRequestSchema.parse(meta);
  const feeds = await feedsOf(kind, preprocess, tensors);
  const feedsDoneMs = monotonicMs();
  const { outputs } = await session.run(feeds);
  const tailDoneMs = monotonicMs();
  const read = wanted === 'Tensors' ? null : (labels?.read(outputs) ?? null);
  return {
    tensors: read ? [] : outputs,
    meta: {
      preprocessedMs: kind === 'RemoteSource' ? feedsDoneMs : null,
      normalisedMs: kind === 'RemotePixels' ? feedsDoneMs : null,
      tailDoneMs,
      postprocessedMs: read ? monotonicMs() : null,
      labels: read?.map((row) => [...row]) ?? null,
    },
  };
}

async function feedsOf(
  kind: Answerer['kind'],
  preprocess: PreprocessPlan | null,
  tensors: readonly Tensor[],
): Promise<readonly Tensor[]> {
  if (kind === 'Cut' || kind === 'RemoteTensor') return tensors;
  if (!preprocess) throw new TypeError(`${kind} needs images, but the inputs are tensors`);
  if (kind === 'RemoteSource') {
    return stack(
      await Promise.all(tensors.map(async ({ name, data }) => [await preprocessImage(name, data, preprocess)])),
    );
  }
  const [pixels] = tensors;
  if (!pixels) throw new TypeError('RemotePixels came without pixels');
  const [count = 0, height = 0, width = 0] = pixels.shape;
  const size = height * width * 3;
  return stack(
    Array.from({ length: count }, (_, index) => [
      normalisePixels(pixels.data.subarray(index * size, (index + 1) * size), preprocess),
    ]),
  );
}
