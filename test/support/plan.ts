import { apiVersion, kind, manifestSchema } from '../../api/manifest/manifest.ts';
import type { Plan } from '../../api/plan/expand.ts';
import { prepareModel, preparePlan } from '../../worker/prepare.ts';
import { temporaryFolder } from './command.ts';

/** The plan of a spec of a zoo model, made here and not by those who are tested. */
export async function planOf(spec: unknown): Promise<Plan> {
  await using folder = await temporaryFolder();
  const manifest = manifestSchema.parse({ apiVersion, kind, metadata: { name: 'planned' }, spec });
  const places = { folder: folder.path, binds: {}, cacheFolder: folder.path };
  const { plan } = await preparePlan(await prepareModel(manifest, null, places), places, { decodeImages: false });
  return plan;
}
