type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

/** Applies a folder of manifests, or objects, and waits until every kind that is defined is served. */
export async function establish(kubectl: Kubectl, crds: string | readonly unknown[]): Promise<void> {
  const apply = ['apply', '--server-side', '--filename'];
  if (typeof crds === 'string') await kubectl([...apply, crds]);
  else await kubectl([...apply, '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: crds }));
  // kubectl refuses to wait for a condition where there are none at all yet.
  await kubectl(['wait', '--for=jsonpath={.status.conditions}', '--timeout=30s', 'crd', '--all']);
  await kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']);
}
