/** A codec cannot carry a value of the tensor. */
export class NotRepresentable extends Error {
  readonly code = 'NOT_REPRESENTABLE';
  constructor(tensor: string, element: number, value: unknown, codec: string) {
    super(
      `tensor "${tensor}": element ${element} is ${String(value)}, which ${codec} cannot carry; choose another codec, for example Float32`,
    );
    this.name = 'NotRepresentable';
  }
}

/** Received bytes are not an encoding of the tensor that its description promises. */
export class TensorCorrupt extends Error {
  readonly code = 'TENSOR_CORRUPT';
  constructor(tensor: string, what: string, options?: ErrorOptions) {
    super(
      `tensor "${tensor}": ${what}; the sender runs another version, or the bytes were damaged on the way`,
      options,
    );
    this.name = 'TensorCorrupt';
  }
}
