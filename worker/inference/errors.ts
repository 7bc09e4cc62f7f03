/** Failures of opening and running a model. `code` is stable; the message says what to do. */
export abstract class InferenceError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The asked execution provider cannot be created on this machine; another one is never taken in its place. */
export class ExecutionProviderUnavailableError extends InferenceError {
  readonly code = 'ExecutionProviderUnavailable';
  readonly provider: string;
  readonly available: readonly string[];
  constructor(provider: string, reason: string, available: readonly string[]) {
    super(
      `executionProvider "${provider}" is not available on this machine: ${reason}. ` +
        `Available here: ${available.join(', ') || 'none'}`,
    );
    this.provider = provider;
    this.available = available;
  }
}

/** A session option that the runtime would not heed. */
export class SessionOptionError extends InferenceError {
  readonly code = 'SessionOptionInvalid';
  readonly field: string;
  constructor(field: string, value: unknown, accepted: string) {
    super(`${field}: ${JSON.stringify(value)} is not accepted: ${accepted}`);
    this.field = field;
  }
}

/** The runtime refused the model: malformed, an operator it does not have, or weights that are not where it looks. */
export class ModelRefusedError extends InferenceError {
  readonly code = 'ModelRefused';
  constructor(reason: string, options?: ErrorOptions) {
    super(`ONNX Runtime refused the model: ${reason}`, options);
  }
}

/** An input or output whose elements cannot be passed between the sides (strings, sequences, bfloat16, 4-bit types). */
export class UnsupportedElementTypeError extends InferenceError {
  readonly code = 'UnsupportedElementType';
  constructor(what: string, type: string, accepted: readonly string[]) {
    super(`${what} is of type ${type}, which cannot be passed to ONNX Runtime; accepted: ${accepted.join(', ')}`);
  }
}

/** What was fed does not fit the model's inputs. */
export class FeedError extends InferenceError {
  readonly code = 'FeedInvalid';
  constructor(input: string, problem: string, remedy: string) {
    super(`input "${input}": ${problem}; ${remedy}`);
  }
}

/** The runtime failed while it ran the model. */
export class RunFailedError extends InferenceError {
  readonly code = 'RunFailed';
  constructor(reason: string) {
    super(`ONNX Runtime failed to run the model: ${reason}`);
  }
}

/** A run was asked for while another one is under way; its outputs would overwrite the other's. */
export class SessionBusyError extends InferenceError {
  readonly code = 'SessionBusy';
  constructor() {
    super('the session is running already: wait for its outputs before the next run');
  }
}

/** The session was closed before or during the call. */
export class SessionClosedError extends InferenceError {
  readonly code = 'SessionClosed';
  constructor() {
    super('the session is closed: open a new one');
  }
}

/** The thread of the session died; what it was doing is lost, and so is the session. */
export class SessionCrashedError extends InferenceError {
  readonly code = 'SessionCrashed';
  constructor(reason: string, options?: ErrorOptions) {
    super(`the thread of the inference session ended unexpectedly (${reason}): open a new session`, options);
  }
}

/** Outputs, labels or references that do not fit each other. */
export class OutputMismatchError extends InferenceError {
  readonly code = 'OutputMismatch';
}
