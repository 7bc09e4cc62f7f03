import { compareDecimals } from '../../api/decimal.ts';
import { formatPath } from '../../api/manifest/path.ts';
import type { Problem } from '../../api/manifest/problem.ts';
import type { Spec } from '../../api/manifest/spec.ts';
import { parseQuantity, quantityToNumber } from '../../api/quantity.ts';
import type { Side } from '../../api/subjects.ts';
import { needsNvidia } from './gpu.ts';
import { workerAmounts } from './resources.ts';

const computed = ['cpu', 'memory'];
const ofTheNode = [...computed, 'ephemeral-storage'];

/** What the API server would refuse of a side's `resources`, and what would leave the worker without its device. */
export function checkResources(spec: Spec, side: Side, hasClaims: boolean): readonly Problem[] {
  const amounts = workerAmounts(spec, side, hasClaims);
  const given = spec[side].resources ?? {};
  return [
    ...(['limits', 'requests'] as const).flatMap((kind) =>
      Object.entries(given[kind] ?? {}).flatMap(([name, amount]) => {
        const path = formatPath(['spec', side, 'resources', kind, name]);
        return problemsOf(name, String(amount)).map((problem) => ({ path, value: amount, ...problem }));
      }),
    ),
    ...Object.keys(amounts.requests).flatMap((name) => requestProblem(spec, side, name)),
    ...deviceProblem(spec, side, amounts.limits),
  ];
}

function problemsOf(name: string, amount: string): readonly Pick<Problem, 'message' | 'remedy'>[] {
  const isExtended = name.includes('/');
  if (!isExtended && !ofTheNode.includes(name) && !name.startsWith('hugepages-')) {
    const remedy = `write ${ofTheNode.join(', ')} or the full name of an extended resource, such as nvidia.com/gpu`;
    return [{ message: `is an amount of "${name}", which no node has`, remedy }];
  }
  if (computed.includes(name) && quantityToNumber(amount) <= 0) {
    return [{ message: 'leaves the worker nothing to run with', remedy: 'write more than 0, or leave it out' }];
  }
  if (isExtended && !Number.isInteger(quantityToNumber(amount))) {
    return [{ message: 'is a fraction of a device', remedy: 'write a whole number' }];
  }
  return [];
}

function requestProblem(spec: Spec, side: Side, name: string): readonly Problem[] {
  const { requests = {}, limits = {} } = spec[side].resources ?? {};
  const [request, limit] = [requests[name], limits[name]];
  if (request === undefined || limit === undefined) return [];
  const order = compareDecimals(parseQuantity(request), parseQuantity(limit));
  const path = formatPath(['spec', side, 'resources', 'requests', name]);
  const mayDiffer = ofTheNode.includes(name);
  if (order > 0) {
    return [{ path, value: request, message: `is more than its limit ${limit}`, remedy: `write at most ${limit}` }];
  }
  if (order === 0 || mayDiffer) return [];
  return [{ path, value: request, message: `differs from its limit ${limit}`, remedy: 'leave the request out' }];
}

/** A worker sees the GPUs of its pod alone, counted from 0. */
function deviceProblem(spec: Spec, side: Side, limits: Readonly<Record<string, string>>): readonly Problem[] {
  const worker = spec[side];
  const gpus = Object.entries(limits).filter(([name]) => name.startsWith('nvidia.com/'));
  if (!needsNvidia(worker) || gpus.length === 0) return [];
  const count = gpus.reduce((sum, [, amount]) => sum + quantityToNumber(amount), 0);
  if (worker.device === 0 || worker.device < count) return [];
  const message = `is beyond the last of the ${count} GPU that the pod gets`;
  const remedy = `write 0, the GPU of the pod, or ask for ${worker.device + 1}: resources.limits nvidia.com/gpu`;
  return [{ path: `spec.${side}.device`, value: worker.device, message, remedy }];
}
