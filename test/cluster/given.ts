import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { exists } from '../../cli/programs/cached.ts';
import { createProxyClient } from './client.ts';
import { command } from './command.ts';
import type { ControlPlane } from './control-plane.ts';
import { establish } from './crds.ts';
import { createIdentities } from './identities.ts';
import { startProcess } from './process.ts';
import { findPrograms } from './programs/kubernetes.ts';
import { serviceAccountToken } from './service-accounts.ts';

/** A cluster that tests may use but not harm. */
export type UsableCluster = Pick<
  ControlPlane,
  'server' | 'kubeconfig' | 'client' | 'kubectl' | 'applyCrds' | 'serviceAccount'
> &
  AsyncDisposable;

const configSchema = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.url(), 'certificate-authority-data': z.base64() }) })]),
});

/** Whether the tests are to use the cluster of the user's KUBECONFIG: `SPLITLAB_TEST_CLUSTER=given`. */
export function isClusterGiven(): boolean {
  const value = process.env.SPLITLAB_TEST_CLUSTER ?? 'own';
  if (value === 'given' || value === 'own') return value === 'given';
  throw new Error(`SPLITLAB_TEST_CLUSTER=${value}: own (a cluster is started) or given (that of KUBECONFIG)`);
}

/** The cluster of the current context of a kubeconfig, by default the user's. Disposing leaves in it what was applied. */
export async function useGivenCluster(userConfig = process.env.KUBECONFIG): Promise<UsableCluster> {
  await using undo = new AsyncDisposableStack();
  const folder = undo.adopt(await mkdtemp(join(tmpdir(), 'splitlab-given-')), (path) => rm(path, { recursive: true }));
  const programs = await findPrograms(['kubectl']);
  const view = ['config', 'view', '--minify', '--flatten', '--raw', '--output=json'];
  const text = await command(programs.kubectl, view, userConfig ? { env: { KUBECONFIG: userConfig } } : {});
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, text, { mode: 0o600 });
  const [{ cluster }] = configSchema.parse(JSON.parse(text)).clusters;
  const env = { KUBECONFIG: kubeconfig };
  const kubectl = (args: readonly string[], input?: string) =>
    command(programs.kubectl, args, { env, ...(input !== undefined && { input }) });
  const socket = join(folder, 'api.sock');
  const proxy = undo.use(
    await startProcess({
      name: 'kubectl proxy',
      file: programs.kubectl,
      args: ['proxy', `--unix-socket=${socket}`, '--reject-methods=^$', '--reject-paths=^$'],
      logFile: join(folder, 'proxy.log'),
      env,
    }),
  );
  await proxy.until(() => exists(socket));
  const client = undo.use(createProxyClient(socket));
  const ca = Buffer.from(cluster['certificate-authority-data'], 'base64');
  const identities = createIdentities(folder, cluster.server, ca);
  const parts = undo.move();
  return {
    server: cluster.server,
    kubeconfig,
    client,
    kubectl,
    applyCrds: (crds) => establish(kubectl, crds),
    serviceAccount: async (namespace, name, { seconds = 3600 } = {}) =>
      identities.bearer(await serviceAccountToken(client, namespace, name, seconds)),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
