import { z } from 'zod';
import type { KubeObject, Stored } from '../objects.ts';
import { apiVersionOf, type Resource } from '../resource.ts';
import { ApiUnreachable, type RequestSubject } from './errors.ts';
import { asStored, parseJson } from './stored.ts';

/** A page of a list. */
export interface ListPage<T extends KubeObject> {
  readonly items: readonly Stored<T>[];
  /** The moment that the list shows; a watch goes on from here. */
  readonly resourceVersion: string;
  /** Names the next page; null after the last. */
  readonly continue: string | null;
  readonly remainingItemCount: number | null;
}

const listSchema = z.object({
  metadata: z.object({
    resourceVersion: z.string(),
    continue: z.string().nullish(),
    remainingItemCount: z.number().nullish(),
  }),
  items: z.array(z.unknown()).nullable(),
});

/** Reads the answer to a list. Throws ApiUnreachable where it is not one. */
export function readListPage<T extends KubeObject>(
  subject: RequestSubject,
  resource: Resource<T>,
  text: string,
): ListPage<T> {
  const parsed = listSchema.safeParse(parseJson(subject, text));
  if (!parsed.success) throw new ApiUnreachable(subject, `the answer is not a list of ${resource.plural}`);
  const { items, metadata } = parsed.data;
  const apiVersion = apiVersionOf(resource);
  return {
    items: (items ?? []).map((item) => asStored(subject, resource, apiVersion, item)),
    resourceVersion: metadata.resourceVersion,
    continue: metadata.continue || null,
    remainingItemCount: metadata.remainingItemCount ?? null,
  };
}
