/** A program that is needed is neither there nor can it be built here. */
export class ProgramMissing extends Error {
  readonly code = 'PROGRAM_MISSING';
  readonly program: string;
  constructor(program: string, reason: string, options?: ErrorOptions) {
    super(
      `${program} is missing: ${reason}; put it on PATH (or, of a test cluster, into the folder that KUBEBUILDER_ASSETS names), or install Go (https://go.dev/dl) so that it is built once into the cache folder`,
      options,
    );
    this.name = 'ProgramMissing';
    this.program = program;
  }
}
