/** An input file that cannot be used. */
export class InputFileError extends Error {
  override readonly name = 'InputFileError';
  readonly code = 'InputFile';

  constructor(path: string, problem: string, remedy: string, cause?: unknown) {
    super(`${path}: ${problem}; ${remedy}`, { cause });
  }
}

/** Tensors, or a way to make them, that do not fit the model's inputs. */
export class InputMismatchError extends Error {
  override readonly name = 'InputMismatchError';
  readonly code = 'InputMismatch';

  /** `subject` is the manifest's field or the model's input. */
  constructor(subject: string, problem: string, remedy: string) {
    super(`${subject}: ${problem}; ${remedy}`);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
