export type OnnxErrorCode =
  /** The file cannot be opened. */
  | 'Unreadable'
  /** The file ends inside a message. */
  | 'Truncated'
  /** The bytes are no valid model. */
  | 'Malformed'
  /** A bound that protects memory is exceeded. */
  | 'TooLarge'
  /** A file that holds weights is missing, too short or outside the model's folder. */
  | 'ExternalData'
  /** The model is valid, but uses something that cannot be divided or run. */
  | 'Unsupported'
  /** A size asked for does not fit the model's inputs. */
  | 'Dimensions'
  /** ONNX Runtime refuses the model. */
  | 'Rejected'
  /** No layer has this name. */
  | 'UnknownLayer'
  /** The layer cannot be cut as asked. */
  | 'NoCut';

/** What is wrong with a model or with what was asked of it, and what to do about it. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError';
  readonly code: OnnxErrorCode;

  constructor(code: OnnxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
