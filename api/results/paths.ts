/** Where the results API stands on its server. */
export const resultsRoot = '/apis/results.splitlab.dev/v1alpha1';

/** Audience of tokens that are made for the results API alone, and are worth nothing to the API server. */
export const resultsAudience = 'results.splitlab.dev';

/**
 * The header for the caller's `Bearer` token on the way through the API server's service proxy, which takes
 * `Authorization` for itself and passes it on to nobody.
 */
export const forwardedAuthorization = 'x-splitlab-authorization';

/** Path of the experiments of a namespace; null: of all namespaces. */
export function experimentsPath(namespace: string | null): string {
  const scope = namespace === null ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${resultsRoot}${scope}/experiments`;
}

/** Path of one experiment, or of a part of its results. */
export function experimentPath(namespace: string, name: string, part?: ResultsPart): string {
  return `${experimentsPath(namespace)}/${encodeURIComponent(name)}${part === undefined ? '' : `/${part}`}`;
}

export type ResultsPart = 'summary' | 'visits' | 'follow' | 'results.jsonl' | 'samples.csv' | 'summary.csv';
