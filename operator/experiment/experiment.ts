import { problemsOf } from '../../api/manifest/issues.ts';
import { manifestSchema } from '../../api/manifest/manifest.ts';
import { formatProblem, type Problem } from '../../api/manifest/problem.ts';
import { manifestTree } from '../../api/manifest/set.ts';
import { isPlainObject } from '../../api/plain-object.ts';
import { specDigest } from '../../api/status/spec-digest.ts';
import { findUnsupported } from '../../api/unsupported.ts';
import { checkPods } from '../pod/check.ts';
import type { Stored } from '../runtime/objects.ts';
import type { SplitExperimentObject } from '../runtime/resources.ts';
import type { ParsedSpec } from './decide/observed.ts';

export type Experiment = Stored<SplitExperimentObject>;

/** Problems that are told one by one; the rest is counted. */
const shownProblems = 5;
const cluster = { cluster: true, binds: new Set<string>() };

/** Reads the manifest of an object as the workers will, or says in words what is wrong with it. */
export function parseSpec({ apiVersion, kind, metadata, spec }: Experiment): ParsedSpec {
  const written = { apiVersion, kind, metadata: { name: metadata.name, namespace: namespaceOf(metadata) }, spec };
  const unsupported = findUnsupported(written, cluster);
  const parsed = manifestSchema.safeParse(written);
  if (!parsed.success) {
    const problems = problemsOf(parsed.error.issues, written, manifestTree()).map(({ problem }) => problem);
    return refused('InvalidSpec', [...problems, ...unsupported]);
  }
  if (unsupported.length > 0) return refused('Unsupported', unsupported);
  const unfit = checkPods(parsed.data.spec);
  if (unfit.length > 0) return refused('InvalidSpec', unfit);
  return { ok: true, manifest: parsed.data, digest: specDigest(parsed.data.spec) };
}

function refused(reason: 'InvalidSpec' | 'Unsupported', problems: readonly Problem[]): ParsedSpec {
  const shown = problems.slice(0, shownProblems).map(formatProblem);
  const more = problems.length - shown.length;
  return { ok: false, reason, message: [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n') };
}

/** `spec.ttlSecondsAfterFinished` of an object, which is read without the rest of its manifest. */
export function ttlSecondsOf({ spec }: Experiment): number | null {
  const seconds = isPlainObject(spec) ? spec.ttlSecondsAfterFinished : undefined;
  return typeof seconds === 'number' ? seconds : null;
}

/** `spec.results.deletionPolicy` of an object, likewise. */
export function deletionPolicyOf({ spec }: Experiment): 'Delete' | 'Retain' {
  const results = isPlainObject(spec) ? spec.results : undefined;
  return isPlainObject(results) && results.deletionPolicy === 'Retain' ? 'Retain' : 'Delete';
}

export function namespaceOf({ namespace }: { readonly namespace?: string }): string {
  return namespace ?? 'default';
}
