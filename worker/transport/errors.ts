/** The connection broke, or part of a frame was lost, while tensors were on their way. */
export class LinkInterrupted extends Error {
  readonly code = 'LINK_INTERRUPTED';
  constructor(what: string, options?: ErrorOptions) {
    super(`${what}; the repetition does not count and is tried again`, options);
    this.name = 'LinkInterrupted';
  }
}

/** No reply within the time allowed. */
export class ExchangeTimeout extends Error {
  readonly code = 'EXCHANGE_TIMEOUT';
  constructor(timeoutMs: number, subject: string) {
    super(`no reply from "${subject}" within ${timeoutMs} ms; allow more time, or look at the remote worker's log`);
    this.name = 'ExchangeTimeout';
  }
}

/** The remote side received the tensors and could not answer; `remoteCode` is its error's code. */
export class RemoteFailed extends Error {
  readonly code = 'REMOTE_FAILED';
  readonly remoteCode: string;
  constructor(remoteCode: string, message: string) {
    super(`the remote worker failed with ${remoteCode}: ${message}`);
    this.name = 'RemoteFailed';
    this.remoteCode = remoteCode;
  }
}

/** What arrived is not a frame of this protocol. */
export class FrameInvalid extends Error {
  readonly code = 'FRAME_INVALID';
  constructor(what: string, options?: ErrorOptions) {
    super(`frame: ${what}; both workers must run the same version of splitlab`, options);
    this.name = 'FrameInvalid';
  }
}

/** A frame, or the tensors that it describes, exceed the limit. */
export class FrameTooLarge extends Error {
  readonly code = 'FRAME_TOO_LARGE';
  constructor(bytes: number, maxBytes: number) {
    super(`frame of ${bytes} bytes, where ${maxBytes} are allowed; raise maxFrameBytes or reduce the batch size`);
    this.name = 'FrameTooLarge';
  }
}

/** More requests wait at the remote side than it keeps in memory. */
export class RemoteBusy extends Error {
  readonly code = 'REMOTE_BUSY';
  constructor(waiting: number) {
    super(`${waiting} requests wait already; send fewer at a time`);
    this.name = 'RemoteBusy';
  }
}
