/** Where a subcommand writes: results to `stdout`, everything else to `stderr`. */
export interface Io {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

interface Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}
