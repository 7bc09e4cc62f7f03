/** What stands between the caller and the results; the message says what is missing and what to do about it. */
export class ClusterError extends Error {
  readonly code: ClusterErrorCode;
  constructor(code: ClusterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClusterError';
    this.code = code;
  }
}

export type ClusterErrorCode =
  | 'KubeconfigInvalid'
  | 'ClusterUnreachable'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NoToken'
  | 'OperatorMissing'
  | 'OperatorNotReady'
  | 'CrdMissing'
  | 'NotFound'
  | 'Refused'
  | 'BrokenOff';
