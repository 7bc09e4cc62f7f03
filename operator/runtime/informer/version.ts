const decimal = /^[0-9]+$/;

/**
 * Whether one resourceVersion is older than another of the same kind. Those of the API server are ever longer decimal
 * numbers, which Kubernetes has promised to be comparable since 1.35; of any others nothing can be said, so false.
 */
export function isOlder(version: string, than: string): boolean {
  if (!decimal.test(version) || !decimal.test(than)) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}
