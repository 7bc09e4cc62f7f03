/** Failures of measuring. `code` is stable. */
export abstract class MeasureError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Timestamps of a clock exchange that no pair of running clocks can have produced. */
export class ClockProbeError extends MeasureError {
  readonly code = 'ClockProbeInvalid';
}

/** An inference without a mark that its kind requires, or with one that it cannot have. */
export class MarksError extends MeasureError {
  readonly code = 'MarksInvalid';
}
