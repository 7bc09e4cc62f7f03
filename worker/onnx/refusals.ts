import { type Dataflow, describeNode } from './dataflow.ts';
import { OnnxError } from './errors.ts';
import type { OnnxModel, OnnxNode } from './model.ts';
import { innerNodes } from './operators.ts';
import { memorySource } from './source.ts';
import { elementTypeOf } from './types.ts';
import { fields } from './wire.ts';

const random = new Set(
  'RandomNormal RandomNormalLike RandomUniform RandomUniformLike Bernoulli Multinomial'.split(' '),
);

/**
 * Throws `Unsupported` for a model that cannot be divided so that both ways of running it agree: one that draws random
 * numbers, or whose outputs are no numeric tensors.
 */
export function refuseUndividable(model: OnnxModel, flow: Dataflow): void {
  const pending: OnnxNode[] = [...flow.live, ...[...model.functions.values()].flat()];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.domain === '' && (random.has(node.operator) || dropsOut(model, flow, node))) {
      throw new OnnxError(
        'Unsupported',
        `${describeNode(node)} draws random numbers, so two runs of the model differ and its parts cannot be checked: export it for inference.`,
      );
    }
    pending.push(...innerNodes(node));
  }
  for (const { name, code } of model.graph.outputs) {
    const type = code === undefined ? undefined : elementTypeOf(code);
    if (type === undefined || type === 'bfloat16') {
      throw new OnnxError(
        'Unsupported',
        `The output "${name}" is no tensor of a type that ONNX Runtime's Node binding can give (strings, sequences, optionals and bfloat16 are not).`,
      );
    }
  }
}

/** Since opset 12 Dropout has a third input that turns it on. */
function dropsOut(model: OnnxModel, flow: Dataflow, { operator, inputs: [, , training] }: OnnxNode): boolean {
  if (operator !== 'Dropout' || !training) return false;
  const storage = model.graph.initializers.get(training)?.storage;
  if (storage?.kind === 'Inline') return !isFalse(storage.message);
  const constant = flow.producers.get(training);
  if (constant?.operator !== 'Constant') return true;
  const source = memorySource(constant.message);
  for (const attribute of fields(source, 0, source.size)) {
    if (attribute.number !== 5) continue;
    for (const member of fields(source, attribute.start, attribute.end)) {
      if (member.number === 5) return !isFalse(source.bytes(member.start, member.end - member.start));
    }
  }
  return true;
}

/** Whether the single element of a TensorProto, raw or among int32_data, is zero. */
function isFalse(message: Uint8Array): boolean {
  const source = memorySource(message);
  for (const field of fields(source, 0, source.size)) {
    if (field.number === 9) return source.bytes(field.start, field.end - field.start).every((byte) => byte === 0);
    if (field.number === 5) return field.wireType === 0 ? field.value === 0 : source.byte(field.start) === 0;
  }
  return false;
}
