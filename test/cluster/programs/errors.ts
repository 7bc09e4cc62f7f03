/** A program that a test cluster needs is neither there nor can it be built here. */
export class ProgramMissing extends Error {
  readonly code = 'TEST_PROGRAM_MISSING';
  readonly program: string;
  constructor(program: string, reason: string, options?: ErrorOptions) {
    super(
      `${program} is missing: ${reason}; put it into the folder that KUBEBUILDER_ASSETS names or on PATH, or install Go (https://go.dev/dl) so that it is built once into the cache folder`,
      options,
    );
    this.name = 'ProgramMissing';
    this.program = program;
  }
}
