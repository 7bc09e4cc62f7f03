import type { Cut } from '../../api/cut.ts';
import type { ModelPlan } from './plan.ts';
import { type Stub, type StubValue, writeStub } from './stub.ts';
import { elementCode, isElementType } from './types.ts';

/** The part in front of a cut: from the model's inputs that it needs to the cut's tensors. */
export function headStub(plan: ModelPlan, cut: Cut): Stub {
  return writeStub(plan.model, plan.flow, {
    inputs: modelInputs(plan),
    outputs: cut.tensors.map(({ name }) => boundary(plan, name)),
  });
}

/** The part behind a cut: from the cut's tensors to the model's outputs. */
export function tailStub(plan: ModelPlan, cut: Cut): Stub {
  return writeStub(plan.model, plan.flow, {
    inputs: cut.tensors.map(({ name }) => boundary(plan, name)),
    outputs: modelOutputs(plan),
  });
}

/** The whole model with the plan's input sizes, loaded in the same way as its parts. */
export function fullStub(plan: ModelPlan): Stub {
  return writeStub(plan.model, plan.flow, { inputs: modelInputs(plan), outputs: modelOutputs(plan) });
}

function modelInputs(plan: ModelPlan): StubValue[] {
  return plan.inputs.map(({ name, type, shape }) => ({ name, code: elementCode(type), shape }));
}

/** Sizes are left to ONNX Runtime: what the file states may name symbols that have become sizes. */
function modelOutputs(plan: ModelPlan): StubValue[] {
  return plan.model.graph.outputs.map(({ name, code }) => ({ name, code, shape: undefined }));
}

function boundary(plan: ModelPlan, name: string): StubValue {
  const known = plan.types.get(name);
  const type = known?.type;
  const given = plan.inputs.some((input) => input.name === name);
  return {
    name,
    code: isElementType(type) ? elementCode(type) : undefined,
    shape: known !== undefined && (known.shape.length > 0 || given) ? known.shape : undefined,
  };
}
